import type { Redis } from 'ioredis';
import { DomainError } from '../../domain/errors.ts';
import { commandStream } from '../../domain/trading/command.ts';
import { createFresh } from './fresh.ts';
import type { LiveMarket } from './markets.ts';

/**
 * Throws UNAVAILABLE when a new order would not be taken in soon: no matcher holds the market, too many commands wait,
 * or Redis is away or takes nothing (its disk or memory is full). Cancels pass regardless.
 */
export type Gate = (live: LiveMarket) => Promise<void>;

interface Deps {
  readonly redis: Redis;
  readonly monotonicMs: () => number;
  /** Commands that may wait for one matcher. */
  readonly maxQueued: number;
}

/** The queue is measured at most every 100 ms: the matcher trims each stream to what it has not taken in. */
export function createGate({ redis, monotonicMs, maxQueued }: Deps): Gate {
  const depths = new Map<string, () => Promise<number>>();
  const refusesWrites = watchWrites(redis, monotonicMs);

  function depthOf(symbol: string): Promise<number> {
    let depth = depths.get(symbol);
    if (depth === undefined) {
      depth = createFresh({ load: () => redis.xlen(commandStream(symbol)), monotonicMs, ageMs: 50 });
      depths.set(symbol, depth);
    }
    return depth();
  }

  return async ({ market, isServed }) => {
    const { symbol } = market.terms;
    if (!isServed) throw closed(symbol, 5);
    const depth = await depthOf(symbol).catch(() => {
      throw closed(symbol, 1);
    });
    if (depth > maxQueued || refusesWrites()) throw closed(symbol, 1);
  };
}

const probeEveryMs = 250;

/**
 * Answers whether Redis refuses what is written though it answers what is read, as it does with a full disk or memory.
 * As of the last probe: nobody waits for one.
 */
function watchWrites(redis: Redis, monotonicMs: () => number): () => boolean {
  let refuses = false;
  let askedAt = -Infinity;
  return () => {
    if (monotonicMs() - askedAt >= probeEveryMs) {
      askedAt = monotonicMs();
      redis.set('orders:probe', '1', 'PX', 60_000).then(
        () => (refuses = false),
        // Being away or late is another matter.
        (error: unknown) => (refuses ||= error instanceof Error && error.name === 'ReplyError'),
      );
    }
    return refuses;
  };
}

const closed = (symbol: string, retryAfter: number): DomainError =>
  new DomainError('UNAVAILABLE', `${symbol} cannot take orders now. Try again shortly.`, { retryAfter });
