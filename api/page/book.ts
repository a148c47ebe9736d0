import { checksumText, createDepthSide, type DepthSide, type Level } from '../../domain/trading/depth.ts';
import { formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { ChannelEvents } from './types.ts';

type DepthEvent = Omit<ChannelEvents['depth'], 'channel'>;

/** One market's book, as the events of its depth channel make it. */
export interface Book {
  /** Takes in an event; false when its checksum says that the book is another than the server's. */
  take(event: DepthEvent): boolean;
  /** The best `count` levels, best first; all of them when it is 0. */
  bids(count: number): readonly Level[];
  asks(count: number): readonly Level[];
}

/** Makes an empty book. */
export function createBook(): Book {
  let sides = emptySides();
  const change = (side: DepthSide, levels: DepthEvent['data']['bids']): void => {
    for (const [price, quantity] of levels) side.set(price, quantity);
  };
  return {
    take({ type, data, crc32: wanted }) {
      if (type !== 'update') sides = emptySides();
      change(sides.bids, data.bids);
      change(sides.asks, data.asks);
      return wanted === undefined || wanted === crc32(checksumText(sides.bids.top(10), sides.asks.top(10)));
    },
    bids: (count) => sides.bids.top(count),
    asks: (count) => sides.asks.top(count),
  };
}

const emptySides = () => ({ bids: createDepthSide('BUY'), asks: createDepthSide('SELL') });

/** The checksum of zip and of Ethernet (IEEE 802.3), without a sign. */
export function crc32(text: string): number {
  let rest = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (0xedb88320 & -(rest & 1));
  }
  return ~rest >>> 0;
}

/** A level with what rests from the best one to it. */
export interface Rung extends Level {
  readonly total: string;
}

const scale = 18;

/** Sums levels up, from the best on. */
export function sumUp(levels: readonly Level[]): readonly Rung[] {
  let total = 0n;
  return levels.map((level) => {
    total += parseDecimal(level.quantity, scale);
    return { ...level, total: formatDecimal(total, scale) };
  });
}
