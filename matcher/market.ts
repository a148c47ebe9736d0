import type { Steps } from '../domain/trading/steps.ts';
import type { MarketLease } from '../storage/trading/matching-leases.ts';
import type { Book } from './engine/types.ts';
import type { OrderFacts } from './recorder.ts';
import type { Units } from './units.ts';

/** One market in the hands of the process that holds its lease. */
export interface Market {
  readonly symbol: string;
  readonly lease: MarketLease;
  readonly book: Book;
  units: Units;
  /** What its book counts in, and makes units of it. */
  steps: Steps;
  readonly unitsOf: (steps: Steps) => Units;
  /** Steps it counted in before: orders that were judged by them may still be on their way. */
  readonly pastSteps: Steps[];
  /** Of open orders. */
  readonly terms: Map<string, OrderFacts>;
  /** Ids this process has taken in, and whose they are. */
  readonly recent: RecentIds;
  /** Of the market's rules, as they are in force. */
  version: number;
  /** The last batch that was made, its time, and the last entry of the command stream that is in it. */
  batch: number;
  time: number;
  streamId: string;
}

export interface RecentIds {
  /** Whose id this is; undefined when it was not taken in since `since`. */
  ownerOf(id: string): string | undefined;
  add(id: string, userId: string): void;
  /** Ids made after this (milliseconds) and not known here have never been taken in. */
  readonly since: number;
}

const generationMs = 60_000;
/** How far the clocks of those who make ids may be apart from ours: ids as young as that are looked up as well. */
const clockSlackMs = 5_000;

/** Remembers ids for one to two minutes, so that younger ones need not be looked up in PostgreSQL. */
export function createRecentIds(now: () => number): RecentIds {
  let started = now();
  let previousStarted = started;
  let current = new Map<string, string>();
  let previous = new Map<string, string>();
  return {
    ownerOf: (id) => current.get(id) ?? previous.get(id),
    add(id, userId) {
      if (now() - started >= generationMs) {
        previous = current;
        previousStarted = started;
        current = new Map();
        started = now();
      }
      current.set(id, userId);
    },
    get since() {
      return previousStarted + clockSlackMs;
    },
  };
}
