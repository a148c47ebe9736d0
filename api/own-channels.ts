import type { OwnFeeds } from '../services/market-data/own-feeds.ts';

/** A message of a private channel. Orders carry where they stand in the events. */
export interface OwnEvent {
  readonly type: 'snapshot' | 'update' | 'reset';
  readonly cursor?: string;
  readonly data: unknown;
}

export interface Receiver {
  send(event: OwnEvent): void;
  /** The channel cannot go on. */
  fail(error: unknown): void;
}

/** Opens a private channel for a user; the function it answers closes it. */
export type OpenOwn = (userId: string, receiver: Receiver) => () => void;

export interface OwnChannels {
  readonly orders: OpenOwn;
  readonly balances: OpenOwn;
  readonly notifications: OpenOwn;
}

export interface OwnChannelsDeps {
  readonly feeds: OwnFeeds;
  /** A user's open orders and balances as REST shows them. */
  readonly openOrders: (userId: string) => Promise<readonly object[]>;
  readonly balances: (userId: string) => Promise<readonly unknown[]>;
}

/** Balances are read again at most so often for one receiver. */
const balancesEveryMs = 250;

/** The private channels, for every door that streams: what there is, then what changes. */
export const createOwnChannels = ({ feeds, openOrders, balances }: OwnChannelsDeps): OwnChannels => ({
  orders(userId, { send, fail }) {
    let loads = 0;
    let waiting: OwnEvent[] = [];
    const load = (type: 'snapshot' | 'reset'): void => {
      loads += 1;
      openOrders(userId)
        .then((orders) => send({ type, data: { orders, changes: [] } }))
        .catch(fail)
        .finally(() => {
          loads -= 1;
          if (loads > 0) return;
          // Events that came while the snapshot was read follow it; those it already shows change nothing.
          for (const event of waiting) send(event);
          waiting = [];
        });
    };
    const end = feeds.follow(userId, {
      order: (change, cursor) => {
        const event: OwnEvent = { type: 'update', cursor, data: { orders: [], changes: [change] } };
        if (loads > 0) waiting.push(event);
        else send(event);
      },
      interrupted: () => load('reset'),
    });
    load('snapshot');
    return end;
  },

  balances(userId, { send, fail }) {
    let timer: NodeJS.Timeout | undefined;
    const load = (type: OwnEvent['type']): void => {
      balances(userId)
        .then((data) => send({ type, data }))
        .catch(fail);
    };
    const later = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        load('update');
      }, balancesEveryMs);
    };
    const end = feeds.follow(userId, { balances: later, interrupted: later });
    load('snapshot');
    return () => {
      clearTimeout(timer);
      end();
    };
  },

  notifications(userId, { send }) {
    send({ type: 'snapshot', data: [] });
    return feeds.follow(userId, {
      notice: (notice) => send({ type: 'update', data: [notice] }),
      interrupted: () => send({ type: 'reset', data: [] }),
    });
  },
});
