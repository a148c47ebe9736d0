import type { Redis } from 'ioredis';
import { createClockCheck } from '../platform/clock-check.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/telemetry.ts';
import { pause } from '../platform/wait.ts';
import { type Database, isDatabaseAway } from '../storage/db.ts';
import type { MarketLease } from '../storage/trading/matching-leases.ts';
import { readCommands } from './command-reader.ts';
import { createFollowers } from './followers.ts';
import type { HintDeps } from './hint.ts';
import { readArrival } from './intake.ts';
import { keepLeases, type LeaseTiming, MatcherEnd, whileRight } from './leases.ts';
import type { Market } from './market.ts';
import { startMatching } from './matching.ts';
import { createMatcherMetrics, type MatcherMetrics } from './metrics.ts';
import { loadMarket } from './recovery.ts';
import { startSweep } from './sweep.ts';

export interface MatcherDeps {
  readonly db: Database;
  /** Fails fast; the other waits inside XREAD. */
  readonly redis: Redis;
  readonly blocking: Redis;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly matcherId: string;
  /** Only these markets; all when empty. */
  readonly symbols: readonly string[];
  readonly now: () => number;
  readonly signalWithStart: HintDeps['signalWithStart'];
  /** The process has to end: it is fenced off, or something happened that nobody foresaw. */
  readonly onEnd: (reason: Error) => void;
  readonly timing?: Partial<LeaseTiming>;
  readonly sweepEveryMs?: number;
}

export interface Matcher {
  readonly markets: ReadonlyMap<string, Market>;
  /** What it still waits for; empty for one that works, or stands by. */
  notReady(): readonly string[];
  /** Ends after the batch on its way, publishes it, and gives the leases back. */
  stop(): Promise<void>;
}

const reloadMs = 1_000;

/** Serves every market whose lease it can get: recovers its book, then matches, commits and publishes. */
export function startMatcher(deps: MatcherDeps): Matcher {
  const metrics = createMatcherMetrics(deps.metrics);
  const stopping = new AbortController();
  const loading = new Map<string, Promise<void>>();
  const end = (error: unknown): void => deps.onEnd(error instanceof Error ? error : new Error(String(error)));
  const load = createLoader({ ...deps, metrics, giveUp: (lease) => leases.giveUp(lease) }, stopping.signal);

  async function serve(lease: MarketLease): Promise<void> {
    const market = await load(lease);
    if (market === undefined || stopping.signal.aborted) return;
    const { symbol, streamId, batch, version, book } = market;
    matching.add(market);
    followers.follow(market);
    reader.follow(symbol, streamId);
    deps.log.info({ symbol, batch, version, orders: book.openOrders }, 'Serves the market');
  }

  const clock = createClockCheck(deps.now);
  const leases = keepLeases({
    ...deps,
    clock,
    onClaimed(lease) {
      const served = serve(lease)
        .catch(end)
        .finally(() => loading.delete(lease.symbol));
      loading.set(lease.symbol, served);
    },
  });
  const matching = startMatching({
    ...deps,
    metrics,
    now: whileRight(clock, deps.now),
    async reload({ lease }) {
      const market = await load(lease);
      if (market !== undefined) return market;
      // Whoever serves the market next reads its stream and publishes its journal.
      reader.unfollow(lease.symbol);
      await followers.unfollow(lease.symbol);
      return undefined;
    },
    onCommitted: (batch, streamId) => followers.committed(batch, streamId),
  });
  matching.done.catch(end);
  const followers = createFollowers({ ...deps, metrics, market: (symbol) => matching.markets.get(symbol) });
  const reader = readCommands({
    ...deps,
    onEntries: (entries) => matching.take(entries.map(readArrival)),
    room: () => matching.room(),
  });
  const sweep = startSweep({
    ...deps,
    markets: matching.markets,
    tails: (symbols) => reader.tails(symbols),
    take: (arrivals) => matching.take(arrivals),
    ...(deps.sweepEveryMs === undefined ? {} : { everyMs: deps.sweepEveryMs }),
  });

  return {
    markets: matching.markets,
    notReady: () => [...(leases.ready ? [] : ['postgres']), ...loading.keys()],
    async stop() {
      stopping.abort();
      await leases.stop();
      await Promise.all([sweep.stop(), reader.stop()]);
      await matching.stop().catch(() => undefined);
      await followers.stop();
      await leases.release().catch(() => undefined);
    },
  };
}

interface LoaderDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => number;
  readonly metrics: MatcherMetrics;
  readonly giveUp: (lease: MarketLease) => Promise<void>;
}

/**
 * Loads a market as committed, waiting for a database that is away. Answers undefined when the book cannot be built,
 * and gives the market up: it stands until a person has looked.
 */
function createLoader(
  { db, log, now, metrics, giveUp }: LoaderDeps,
  stopping: AbortSignal,
): (lease: MarketLease) => Promise<Market | undefined> {
  return async function load(lease: MarketLease): Promise<Market | undefined> {
    const { symbol } = lease;
    while (!stopping.aborted) {
      try {
        const market = await loadMarket(db, lease, now);
        metrics.halted(symbol, false);
        return market;
      } catch (err) {
        if (err instanceof MatcherEnd) throw err;
        log.error({ err, symbol }, 'Could not load a market');
        if (!isDatabaseAway(err)) {
          await giveUp(lease).catch(() => undefined);
          metrics.halted(symbol, true);
          return undefined;
        }
        await pause(reloadMs, stopping);
      }
    }
    return undefined;
  };
}
