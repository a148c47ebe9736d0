import type { Redis } from 'ioredis';
import type { CommittedBatch } from './announcements.ts';
import { hintSettlement, type HintDeps, type SettlementHint } from './hint.ts';
import type { Market } from './market.ts';
import type { MatcherMetrics } from './metrics.ts';
import { type Publisher, publishMarket } from './publisher.ts';

export interface FollowersDeps extends Pick<HintDeps, 'db' | 'log' | 'signalWithStart'> {
  readonly redis: Redis;
  readonly metrics: MatcherMetrics;
  /** The market as it is by now; undefined when it is not served any more. */
  readonly market: (symbol: string) => Market | undefined;
}

/** What goes behind the commits of the markets that are served: publishing, and hinting at settlement. */
export interface Followers {
  follow(market: Market): void;
  committed(batch: CommittedBatch, streamId: string): void;
  /** Publishes what is committed, and ends. Whoever serves the market next publishes what is left. */
  unfollow(symbol: string): Promise<void>;
  stop(): Promise<void>;
}

interface Following {
  readonly publisher: Publisher;
  readonly hint: SettlementHint;
}

/** Starts and tells the publisher and the settlement hint of each market. */
export function createFollowers(deps: FollowersDeps): Followers {
  const { db, redis, log, metrics, signalWithStart } = deps;
  const followings = new Map<string, Following>();

  async function unfollow(symbol: string): Promise<void> {
    const following = followings.get(symbol);
    followings.delete(symbol);
    await Promise.all([following?.publisher.stop(), following?.hint.stop()]);
  }

  return {
    follow({ symbol, book }) {
      followings.set(symbol, {
        publisher: publishMarket({ db, redis, log, symbol, bookSeq: book.bookSeq }),
        hint: hintSettlement({ db, log, symbol, market: () => deps.market(symbol), signalWithStart }),
      });
    },
    committed(batch, streamId) {
      const following = followings.get(batch.symbol);
      if (following === undefined) return;
      following.publisher.committed(batch, streamId);
      metrics.unpublished(batch.symbol, batch.batch - following.publisher.cursor);
      if (batch.events.t.length > 0) following.hint.matched();
    },
    unfollow,
    async stop() {
      await Promise.all([...followings.keys()].map(unfollow));
    },
  };
}
