import { parseDecimal } from '../money.ts';

export interface Level {
  readonly price: string;
  /** What rests there, a positive decimal. */
  readonly quantity: string;
}

/** One side of a book by price, best first. */
export interface DepthSide {
  /** Says what rests at a price now; "0" takes the level away. */
  set(price: string, quantity: string): void;
  /** The best `count` levels; all of them when it is 0. */
  top(count: number): readonly Level[];
}

/** More decimals than any tick has. */
const priceScale = 18;

/** Makes an empty side. Bids are best where they are highest, asks where they are lowest. */
export function createDepthSide(side: 'BUY' | 'SELL'): DepthSide {
  const levels: Level[] = [];
  const ranks: bigint[] = [];

  /** Where the rank is, or where it would have to go. */
  function find(rank: bigint): number {
    let [low, high] = [0, ranks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranks[middle] ?? rank) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    set(price, quantity) {
      const atoms = parseDecimal(price, priceScale);
      const rank = side === 'BUY' ? -atoms : atoms;
      const index = find(rank);
      const known = ranks[index] === rank;
      if (quantity !== '0') {
        levels.splice(index, known ? 1 : 0, { price, quantity });
        if (!known) ranks.splice(index, 0, rank);
      } else if (known) {
        levels.splice(index, 1);
        ranks.splice(index, 1);
      }
    },
    top: (count) => (count === 0 ? levels.slice() : levels.slice(0, count)),
  };
}

/** What a depth update's CRC32 is computed over: the ten best bids, then the ten best asks, as they were sent. */
export const checksumText = (bids: readonly Level[], asks: readonly Level[]): string =>
  [...bids.slice(0, 10), ...asks.slice(0, 10)].map(({ price, quantity }) => `${price}:${quantity}`).join(':');
