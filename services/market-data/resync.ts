import { marketStream } from '../../domain/trading/feed.ts';
import type { Logger } from '../../platform/log.ts';
import type { StreamTail } from '../../platform/streams/tail.ts';
import { pause } from '../../platform/wait.ts';
import type { Db } from '../../storage/db.ts';
import type { MarketFeed } from './market-feed.ts';
import { loadMarketSnapshot } from './snapshot.ts';

interface Deps {
  readonly db: Db;
  readonly log: Logger;
  readonly tail: StreamTail;
  /** Ends the trying. */
  readonly signal: AbortSignal;
}

/** Begins a market anew, in the background; one that is being begun is begun once more. */
export type Resync = (symbol: string, feed: MarketFeed) => void;

/**
 * Makes what brings a feed up to date: a snapshot from PostgreSQL, then the market's stream from a place before it.
 * Tries until it succeeds or the signal aborts.
 */
export function createResync({ db, log, tail, signal }: Deps): Resync {
  const syncing = new Map<string, { again: boolean }>();

  async function sync(symbol: string, feed: MarketFeed, state: { again: boolean }): Promise<void> {
    feed.invalidate();
    tail.unfollow(marketStream(symbol));
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      state.again = false;
      try {
        await begin(symbol, feed);
        // Told anew while it was loading: what was loaded may be from before.
        if (!wasToldAgain(state)) return;
      } catch (err) {
        log.warn({ err, symbol }, 'Cannot load a book; trying again');
        await pause(Math.min(100 * 2 ** attempt, 1_000), signal);
      }
    }
  }

  async function begin(symbol: string, feed: MarketFeed): Promise<void> {
    const stream = marketStream(symbol);
    const id = await tail.lastId(stream);
    const snapshot = await loadMarketSnapshot(db, symbol);
    if (snapshot === undefined || signal.aborted) return;
    feed.load(snapshot);
    tail.follow(stream, id);
  }

  return (symbol, feed) => {
    const running = syncing.get(symbol);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const state = { again: false };
    syncing.set(symbol, state);
    void sync(symbol, feed, state).finally(() => syncing.delete(symbol));
  };
}

const wasToldAgain = ({ again }: { readonly again: boolean }): boolean => again;
