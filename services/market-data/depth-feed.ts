import { crc32 } from 'node:zlib';
import { checksumText, createDepthSide, type DepthSide, type Level } from '../../domain/trading/depth.ts';
import type { LevelChange } from '../../domain/trading/feed.ts';
import type { BookSnapshot } from '../../storage/trading/depth.ts';
import { createAudience, type DepthEvent, type FeedEventType, type Listener, type PriceAndQuantity } from './events.ts';

export interface BookView {
  readonly bookSeq: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** One market's levels as this process knows them, and those who follow them. */
export interface DepthFeed {
  readonly bookSeq: number;
  /** Begins anew from a snapshot; followers are told by `tellReset`. */
  load(snapshot: BookSnapshot): void;
  tellReset(): void;
  /** Takes in the changes up to `lastSequence`; followers are told soon. */
  apply(changes: readonly LevelChange[], lastSequence: number): void;
  /** Tells followers now what they have not been told yet. */
  flush(): void;
  /** The best `limit` levels of each side, 0 for all. */
  view(limit: number): BookView;
  /** The same object for all who ask between two changes, so that it is built and written once. */
  snapshot(): DepthEvent;
  follow(listener: Listener<DepthEvent>): () => void;
}

/** Followers are told at most so often: what came in between is merged into one update. */
const mergeMs = 20;
const checksumEvery = 100;

/** Makes an empty depth feed. */
export function createDepthFeed(): DepthFeed {
  const audience = createAudience<DepthEvent>();
  let bookSeq = 0;
  let sides: Readonly<Record<'BUY' | 'SELL', DepthSide>> = emptySides();
  /** What followers have been told up to, and what changed since. */
  let toldSeq = 0;
  let changed = new Map<string, LevelChange>();
  let timer: NodeJS.Timeout | undefined;
  let updates = 0;
  let whole: DepthEvent | undefined;

  const view = (limit: number): BookView => ({ bookSeq, bids: sides.BUY.top(limit), asks: sides.SELL.top(limit) });

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (toldSeq === bookSeq) return;
    tellUpdate([...changed.values()]);
    toldSeq = bookSeq;
    changed = new Map();
  }

  function tellUpdate(changes: readonly LevelChange[]): void {
    if (audience.size === 0) return;
    updates += 1;
    const checked = updates % checksumEvery === 0 ? { crc32: checksum(view(10)) } : {};
    const data = { bids: changesOf('BUY', changes), asks: changesOf('SELL', changes) };
    audience.tell({ type: 'update', first_sequence: toldSeq + 1, last_sequence: bookSeq, ...checked, data });
  }

  return {
    get bookSeq() {
      return bookSeq;
    },
    load(snapshot) {
      clearTimeout(timer);
      timer = undefined;
      sides = emptySides();
      for (const [side, price, quantity] of snapshot.levels) sides[side].set(price, quantity);
      bookSeq = snapshot.bookSeq;
      toldSeq = bookSeq;
      changed = new Map();
      whole = undefined;
    },
    tellReset: () => audience.tell(wholeBook('reset', view(0))),
    apply(changes, lastSequence) {
      for (const change of changes) {
        const [side, price, quantity] = change;
        sides[side].set(price, quantity);
        changed.set(`${side}${price}`, change);
      }
      bookSeq = lastSequence;
      timer ??= setTimeout(flush, mergeMs);
    },
    flush,
    view,
    snapshot() {
      if (whole?.last_sequence !== bookSeq) whole = wholeBook('snapshot', view(0));
      return whole;
    },
    follow: (listener) => audience.add(listener),
  };
}

const emptySides = () => ({ BUY: createDepthSide('BUY'), SELL: createDepthSide('SELL') });

const pairs = (levels: readonly Level[]): PriceAndQuantity[] =>
  levels.map(({ price, quantity }) => [price, quantity] as const);

const wholeBook = (type: FeedEventType, { bookSeq, bids, asks }: BookView): DepthEvent => ({
  type,
  first_sequence: bookSeq,
  last_sequence: bookSeq,
  data: { bids: pairs(bids), asks: pairs(asks) },
});

const changesOf = (side: 'BUY' | 'SELL', changes: readonly LevelChange[]): PriceAndQuantity[] =>
  changes.flatMap(([where, price, quantity]) => (where === side ? [[price, quantity] as const] : []));

const checksum = ({ bids, asks }: BookView): number => crc32(checksumText(bids, asks));
