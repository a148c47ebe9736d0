import type { ClockCheck } from '../platform/clock-check.ts';
import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import type { Database } from '../storage/db.ts';
import { databaseTime } from '../storage/health.ts';
import { claimMarkets, type MarketLease, releaseMarkets, renewMarkets } from '../storage/trading/matching-leases.ts';

export interface LeaseKeeperDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly matcherId: string;
  /** Only these markets; all when empty. */
  readonly symbols: readonly string[];
  readonly clock: ClockCheck;
  /** A market is this process' to work for, until `onEnd`. */
  readonly onClaimed: (lease: MarketLease) => void;
  /** This process must not go on: another has taken a market over, or the clock is wrong. */
  readonly onEnd: (reason: Error) => void;
  readonly timing?: Partial<LeaseTiming>;
}

export interface LeaseTiming {
  /** How long a lease outlives its last renewal, on PostgreSQL's clock. */
  readonly ttlMs: number;
  readonly renewMs: number;
  /** How often a standby asks. */
  readonly claimMs: number;
}

export interface LeaseKeeper {
  readonly held: readonly MarketLease[];
  /** PostgreSQL has answered at least once. */
  readonly ready: boolean;
  /** Asks no more. The leases stay held until they run out or are released. */
  stop(): Promise<void>;
  /** Gives all leases back, after `stop`: only when nothing is committed any more. */
  release(): Promise<void>;
  /** Gives one market up and does not ask for it again for a while: its book cannot be served. */
  giveUp(lease: MarketLease): Promise<void>;
}

const defaults: LeaseTiming = { ttlMs: 6_000, renewMs: 2_000, claimMs: 1_000 };
const mostClockErrorMs = 1_000;
const gaveUpForMs = 60_000;

/**
 * Takes every market that is free and keeps it. A lease says who should work, for liveness; what makes a second writer
 * impossible is the epoch that every commit checks.
 */
export function keepLeases(deps: LeaseKeeperDeps): LeaseKeeper {
  const { db, log, matcherId, clock } = deps;
  const { ttlMs, renewMs, claimMs } = { ...defaults, ...deps.timing };
  const stopping = new AbortController();
  const gaveUp = new Map<string, number>();
  let held: readonly MarketLease[] = [];
  let ready = false;
  let renewedAt = -Infinity;

  async function renew(): Promise<void> {
    if (performance.now() - renewedAt < renewMs) return;
    await clock.look(() => databaseTime(db));
    requireRightTime(clock);
    const still = new Set(held.length === 0 ? [] : await renewMarkets(db, held, ttlMs));
    const lost = held.filter(({ symbol }) => !still.has(symbol));
    if (lost.length > 0) throw new MatcherEnd(`${lost.map(({ symbol }) => symbol).join(', ')} was taken over`);
    renewedAt = performance.now();
  }

  async function claim(): Promise<void> {
    const except = [...gaveUp].flatMap(([symbol, until]) => (until > performance.now() ? [symbol] : []));
    for (const lease of await claimMarkets(db, { matcherId, symbols: deps.symbols, except, ttlMs })) {
      held = [...held, lease];
      log.info({ symbol: lease.symbol, epoch: lease.epoch }, 'Holds the market');
      deps.onClaimed(lease);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await renew();
        await claim();
        ready = true;
      } catch (err) {
        if (err instanceof MatcherEnd) {
          deps.onEnd(err);
          return;
        }
        log.warn({ err, component: 'leases' }, 'Could not renew or claim leases; it is tried again');
      }
      await pause(claimMs, stopping.signal);
    }
  }

  const running = run();
  return {
    get held() {
      return held;
    },
    get ready() {
      return ready;
    },
    async stop() {
      stopping.abort();
      await running;
    },
    async release() {
      if (held.length > 0) await releaseMarkets(db, held);
      held = [];
    },
    async giveUp(lease) {
      held = held.filter(({ symbol }) => symbol !== lease.symbol);
      gaveUp.set(lease.symbol, performance.now() + gaveUpForMs);
      await releaseMarkets(db, [lease]);
    },
  };
}

/**
 * Batch times come from this machine's clock; leases, expiries and people's times from PostgreSQL's. Throws MatcherEnd
 * when they differ. A market's time never runs back: a batch an hour ahead would let orders expire early for an hour.
 */
function requireRightTime(clock: ClockCheck): void {
  const error = Math.abs(clock.error());
  if (error <= mostClockErrorMs) return;
  throw new MatcherEnd(`This machine's clock differs from PostgreSQL's by ${Math.round(error)} ms`);
}

/** A clock that is read only while it is right: else it throws MatcherEnd. */
export const whileRight = (clock: ClockCheck, now: () => number) => (): number => {
  requireRightTime(clock);
  return now();
};

/** The process must end: it is not, or cannot know whether it is, the one that may write. */
export class MatcherEnd extends Error {
  override readonly name = 'MatcherEnd';
}
