import type { TradeEvent } from '../../domain/trading/feed.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import type { Database } from '../../storage/db.ts';
import { addCounts } from '../../storage/monitoring/counts.ts';
import type { Inbox } from '../events/inbox.ts';
import { createTradeCounter, type TradeCounterDeps } from './trade-counter.ts';

export interface MonitoringDeps extends Pick<TradeCounterDeps, 'listTradesAfter'> {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly inbox: Inbox;
}

/** Who reads events to count them. */
export const monitoringGroup = 'monitoring';

/** What monitoring does with an event of each stream. */
export interface Monitoring {
  /** Counts what happened to a user, once: by type and day in `monitoring.counts`. */
  user(event: EventEnvelope): Promise<void>;
  /** Counts a trade, once: by market and day in `monitoring.counts`. */
  trade(event: EventEnvelope): Promise<void>;
}

/** Counts what happens, for people and alerts. One process at a time should, else each sees gaps that are none. */
export function createMonitoring({ db, log, metrics, inbox, listTradesAfter }: MonitoringDeps): Monitoring {
  const seen = metrics.counter('monitoring_events_total', 'Events seen by monitoring', ['type', 'symbol']);
  const gaps = metrics.counter('monitoring_gaps_total', 'Gaps in the numbers of a market’s trades', ['symbol']);
  const refilled = metrics.counter('monitoring_refilled_total', 'Trades counted from the books, not the stream', [
    'symbol',
  ]);
  const countTrade = createTradeCounter({
    db,
    log,
    listTradesAfter,
    onGap(symbol, missing) {
      gaps.inc({ symbol });
      refilled.inc({ symbol }, missing);
    },
  });

  return {
    async user(event) {
      const { type, timestamp } = event;
      const byDay = new Map([[timestamp.slice(0, 10), 1]]);
      await inbox.once(event, (tx) => addCounts(tx, { type, symbol: '', byDay }));
      seen.inc({ type, symbol: '' });
    },
    async trade({ type, payload }) {
      const { symbol, trade_seq: tradeSeq, executed_at: executedAt } = payload as unknown as TradeEvent;
      await countTrade({ symbol, tradeSeq, day: executedAt.slice(0, 10) });
      seen.inc({ type, symbol });
    },
  };
}
