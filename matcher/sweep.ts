import type { TradingCommand } from '../domain/trading/command.ts';
import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import type { Database } from '../storage/db.ts';
import { findOrders, findWaitingCommands, listWaiting, type WaitingIds } from '../storage/trading/matching-lookups.ts';
import { type Arrival, arrivalOf } from './intake.ts';
import type { Market } from './market.ts';
import { placementsOf } from './placements.ts';
import { compareStreamIds } from '../platform/streams/stream-ids.ts';

export interface SweepDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => number;
  readonly markets: ReadonlyMap<string, Market>;
  /** The newest id each of these streams has had. Rejects while Redis is away: then nothing is swept. */
  readonly tails: (symbols: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly take: (arrivals: readonly Arrival[]) => void;
  readonly everyMs?: number;
}

const olderThanMs = 3_000;
const everyMs = 3_000;
const pageSize = 1_000;
const longestWaitMs = 60_000;

/**
 * Takes in what was committed and never reached the stream. What is listed may still be in the stream, so the stream is
 * worked through first, to where it ended after the listing: an orphan must not overtake what was sent before it.
 */
export function startSweep(deps: SweepDeps): { readonly stop: () => Promise<void> } {
  const { db, log, markets } = deps;
  const stopping = new AbortController();

  async function reached(symbol: string, tail: string): Promise<boolean> {
    const deadline = performance.now() + longestWaitMs;
    for (;;) {
      const market = markets.get(symbol);
      if (market === undefined || stopping.signal.aborted || performance.now() > deadline) return false;
      if (compareStreamIds(market.streamId, tail) >= 0) return true;
      await pause(50, stopping.signal);
    }
  }

  async function sweepMarket(symbol: string): Promise<void> {
    const waiting = await listWaiting(db, symbol, new Date(deps.now() - olderThanMs), pageSize);
    if (waiting.orders.length + waiting.commands.length === 0) return;
    const tail = (await deps.tails([symbol])).get(symbol) ?? '0-0';
    if (!(await reached(symbol, tail))) return;
    const orphans = await findOrphans(waiting);
    if (orphans.length === 0) return;
    log.warn({ symbol, commands: orphans.length }, 'Takes in what the stream did not bring');
    deps.take(orphans.map((command) => arrivalOf(symbol, command)));
  }

  /** What is still without outcome; orders before the cancels that may be about them. */
  async function findOrphans({ orders, commands }: WaitingIds): Promise<readonly TradingCommand[]> {
    const pending = (await findOrders(db, orders)).filter(({ isPending }) => isPending);
    const without = await findWaitingCommands(db, commands);
    return [...placementsOf(pending), ...without];
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const symbol of markets.keys()) {
        await sweepMarket(symbol).catch((err: unknown) => {
          log.warn({ err, symbol, component: 'sweep' }, 'Could not sweep; it is tried again');
        });
      }
      await pause(deps.everyMs ?? everyMs, stopping.signal);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
