import type { OrderEvent } from '../domain/trading/feed.ts';
import { type EventPlace, isBehind, writePlace } from '../services/market-data/event-place.ts';
import type { Missed, PlacedEvent } from '../services/market-data/missed-events.ts';
import type { OwnFeeds } from '../services/market-data/own-feeds.ts';

/** A message of a private channel. Of orders it carries where whoever has seen it stands in the events. */
export interface OwnEvent {
  readonly type: 'snapshot' | 'update' | 'reset';
  readonly cursor?: string;
  /** When a cursor came with the request: whether what follows goes on from there. */
  readonly resumed?: boolean;
  readonly data: unknown;
}

export interface Receiver {
  send(event: OwnEvent): void;
  /** The channel cannot go on. */
  fail(error: unknown): void;
}

export interface OwnChannels {
  /** Opens a user's channel, from a cursor on if one is given; the function it answers closes it. */
  readonly orders: (userId: string, receiver: Receiver, resume?: string) => () => void;
  readonly balances: (userId: string, receiver: Receiver) => () => void;
  readonly notifications: (userId: string, receiver: Receiver) => () => void;
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
  orders(userId, { send, fail }, resume) {
    const open = async (type: 'snapshot' | 'reset', resumed?: false): Promise<void> => {
      // Asked for first: whoever comes back with it misses nothing. Without Redis there is none.
      const cursor = await feeds.past.end().catch(() => undefined);
      const orders = await openOrders(userId);
      const more = { ...(cursor === undefined ? {} : { cursor }), ...(resumed === undefined ? {} : { resumed }) };
      send({ type, ...more, data: { orders, changes: [] } });
    };
    const live = createLiveOrders(send, fail);
    const goOn = async (cursor: string): Promise<void> => {
      const missed = await feeds.past.since(userId, cursor).catch(() => undefined);
      if (missed === undefined) return open('snapshot', false);
      sendMissed(missed, send);
      live.startBehind(missed.upTo);
    };
    const end = feeds.follow(userId, {
      order: live.take,
      interrupted() {
        // Its places may be another stream's from now on.
        live.startBehind(undefined);
        live.after(open('reset'));
      },
    });
    live.after(resume === undefined ? open('snapshot') : goOn(resume));
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

const changesOf = (changes: readonly PlacedEvent<OrderEvent>[]) => ({
  orders: [],
  changes: changes.map(({ event }) => event),
});

/** Changes in one message, at most. */
const mostChanges = 500;

/** Tells what was missed; also that nothing was. */
function sendMissed({ events, upTo }: Missed<OrderEvent>, send: Receiver['send']): void {
  for (let from = 0; from === 0 || from < events.length; from += mostChanges) {
    const part = events.slice(from, from + mostChanges);
    const isLast = from + mostChanges >= events.length;
    const cursor = isLast ? writePlace(upTo) : (part.at(-1)?.cursor ?? '');
    send({ type: 'update', cursor, resumed: true, data: changesOf(part) });
  }
}

interface LiveOrders {
  /** Tells a change, or keeps it until what it follows has been told. */
  take(event: OrderEvent, place: EventPlace): void;
  /** What comes up to this place has been told. */
  startBehind(place: EventPlace | undefined): void;
  /** Lets changes wait for what they follow. */
  after(told: Promise<void>): void;
}

function createLiveOrders(send: Receiver['send'], fail: Receiver['fail']): LiveOrders {
  let loads = 0;
  let waiting: [OrderEvent, EventPlace][] = [];
  let told: EventPlace | undefined;

  function pass(event: OrderEvent, place: EventPlace): void {
    if (told !== undefined && !isBehind(place, told)) return;
    const cursor = writePlace(place);
    send({ type: 'update', cursor, data: changesOf([{ event, cursor }]) });
  }

  return {
    take(event, place) {
      if (loads > 0) waiting.push([event, place]);
      else pass(event, place);
    },
    startBehind(place) {
      told = place;
    },
    after(load) {
      loads += 1;
      void load.catch(fail).finally(() => {
        loads -= 1;
        if (loads > 0) return;
        // Events that came while a snapshot was read follow it; those it already shows change nothing.
        for (const [event, place] of waiting) pass(event, place);
        waiting = [];
      });
    },
  };
}
