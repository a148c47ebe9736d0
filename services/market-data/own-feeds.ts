import type { Redis } from 'ioredis';
import { type Notice, noticeOf } from '../../domain/notices.ts';
import type { OrderEvent } from '../../domain/trading/feed.ts';
import type { Logger } from '../../platform/log.ts';
import { type EventEnvelope, parseEnvelope } from '../../platform/streams/envelope.ts';
import { startTail } from '../../platform/streams/tail.ts';
import { pause } from '../../platform/wait.ts';
import { userStream } from '../identity/records.ts';
import { balancesStream } from '../ledger/notices.ts';
import { type EventPlace, placeBehind } from './event-place.ts';
import { createMissedEvents, type MissedEvents } from './missed-events.ts';

/** Told what concerns one user. */
export interface OwnListener {
  /** An order of theirs changed. */
  readonly order?: (event: OrderEvent, place: EventPlace) => void;
  /** Their balances may have changed. */
  readonly balances?: () => void;
  /** Something else happened to them. */
  readonly notice?: (notice: Notice) => void;
  /** Something may have been missed. */
  readonly interrupted: () => void;
}

export interface OwnFeeds {
  /** Tells a listener what happens to a user from now on; the function it answers ends that. */
  follow(userId: string, listener: OwnListener): () => void;
  /** What the stream still has of orders. */
  readonly past: MissedEvents<OrderEvent>;
  stop(): Promise<void>;
}

export interface OwnFeedsDeps {
  readonly redis: Redis;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const orderStream = 'order.events';

/** Follows what happens to orders, balances and accounts, for those users of this process who want to know. */
export function startOwnFeeds({ redis, log, now }: OwnFeedsDeps): OwnFeeds {
  const byUser = new Map<string, Set<OwnListener>>();
  const stopping = new AbortController();
  const listenersOf = (userId: string): Iterable<OwnListener> => byUser.get(userId) ?? [];

  function take(stream: string, event: EventEnvelope, id: string): void {
    if (stream === balancesStream) {
      for (const userId of (event.payload['user_ids'] ?? []) as readonly string[]) {
        for (const { balances } of listenersOf(userId)) balances?.();
      }
      return;
    }
    if (stream === userStream) {
      const listeners = byUser.get(event.user_id ?? '');
      const told = listeners && noticeOf(event);
      if (told !== undefined) for (const { notice } of listeners ?? []) notice?.(told);
      return;
    }
    for (const { order, balances } of listenersOf(event.user_id ?? '')) {
      order?.(event.payload as unknown as OrderEvent, placeBehind(id, event.id));
      // What an order gives back is released in the commit this event tells of.
      balances?.();
    }
  }

  const tail = startTail({
    redis,
    log,
    onEntry: (stream, text, id) => {
      try {
        take(stream, parseEnvelope(text), id);
      } catch (err) {
        log.error({ err, stream, id }, 'An event could not be told to its user');
      }
    },
    onInterrupted: () => {
      for (const listener of [...byUser.values()].flatMap((listeners) => [...listeners])) listener.interrupted();
    },
  });

  async function begin(stream: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        tail.follow(stream, await tail.lastId(stream));
        return;
      } catch {
        await pause(500, stopping.signal);
      }
    }
  }

  const begun = Promise.all([begin(orderStream), begin(balancesStream), begin(userStream)]);
  return {
    past: createMissedEvents({ redis, stream: orderStream, now }),
    follow(userId, listener) {
      const listeners = byUser.get(userId) ?? new Set();
      byUser.set(userId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) byUser.delete(userId);
      };
    },
    async stop() {
      stopping.abort();
      await tail.stop();
      await begun;
    },
  };
}
