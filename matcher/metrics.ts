import type { Metrics } from '../platform/telemetry.ts';
import type { Batch } from './batch.ts';

const seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

export interface MatcherMetrics {
  /** A batch was applied in memory. */
  applied(batch: Batch, took: number): void;
  /** It was committed; `waiting` commands were behind it. */
  committed(batch: Batch, took: number, waiting: number): void;
  refused(): void;
  halted(symbol: string, halted: boolean): void;
  unpublished(symbol: string, batches: number): void;
}

/** What a matcher process counts. */
export function createMatcherMetrics(metrics: Metrics): MatcherMetrics {
  const commands = metrics.counter('matcher_commands_total', 'Commands taken in', ['symbol']);
  const matched = metrics.counter('orders_matched_total', 'Orders that traded, once a batch', ['symbol']);
  const trades = metrics.counter('trades_executed_total', 'Trades', ['symbol']);
  const dead = metrics.counter('matcher_dead_letters_total', 'Commands that could not be applied', ['symbol']);
  const matching = metrics.histogram('matching_duration_seconds', 'Applying one batch in memory', [], seconds);
  const commits = metrics.histogram('matcher_batch_duration_seconds', 'One batch, committed', [], seconds);
  const sizes = metrics.histogram('matcher_batch_commands', 'Commands a batch', [], [1, 4, 16, 64, 128, 256]);
  const depth = metrics.gauge('matcher_waiting_commands', 'Commands read and not yet applied');
  const refusals = metrics.counter('matcher_refused_batches_total', 'Batches that PostgreSQL refused');
  const halted = metrics.gauge('matcher_market_halted', '1 when a market cannot be served', ['symbol']);
  const lag = metrics.gauge('matcher_unpublished_batches', 'Committed batches not yet published', ['symbol']);
  return {
    applied(batch, took) {
      matching.observe(took);
      sizes.observe(batch.arrivals.length);
    },
    committed(batch, took, waiting) {
      commits.observe(took);
      depth.set(waiting);
      for (const { symbol } of batch.arrivals) commands.inc({ symbol });
      for (const { commit, events, matched: count } of batch.markets) {
        dead.inc({ symbol: commit.symbol }, events.d.length);
        matched.inc({ symbol: commit.symbol }, count);
        trades.inc({ symbol: commit.symbol }, commit.trades.length);
      }
    },
    refused: () => refusals.inc(),
    halted: (symbol, isHalted) => halted.set({ symbol }, isHalted ? 1 : 0),
    unpublished: (symbol, batches) => lag.set({ symbol }, batches),
  };
}
