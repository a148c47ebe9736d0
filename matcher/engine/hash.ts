/**
 * The state's hash: the sum over all open orders of a 64-bit mix of what each of them is, in two 32-bit halves with
 * seeds and factors of their own, so that a change costs one mix whatever the book holds. A number is mixed in by
 * exclusive or, one product and a shift (bench/README.md); MurmurHash3's end spreads the bits. It finds faults, not
 * forgers: whoever may write orders may also write the hash. It is committed with the state, so another hash is another
 * engine version.
 */
import { hashId } from './ids.ts';

/** What of an order the hash sees. */
export interface HashedOrder {
  readonly id: string;
  readonly isBuy: boolean;
  readonly limitTicks: number;
  readonly prioritySeq: number;
  readonly openLots: number;
  readonly executedLots: number;
  readonly preventedLots: number;
}

const highSeed = 0x9747b28c | 0;
const lowSeed = 0x3c6ef372 | 0;
const highFactor = 0xcc9e2d51 | 0;
const lowFactor = 0x1b873593;
const twoTo32 = 0x1_0000_0000;

/** Both halves of what never changes of an open order. */
export interface Seeds {
  seedHigh: number;
  seedLow: number;
}

/**
 * Sets both halves of what never changes of an open order. Its id counts with the hash that it is looked up by, of the
 * random end of a UUIDv7: reading the whole id again took as long as all the mixing (bench/README.md).
 */
export function seed({ isBuy, limitTicks, prioritySeq }: HashedOrder, idHash: number, seeds: Seeds): void {
  const own = isBuy ? idHash : ~idHash;
  seeds.seedHigh = mixNumber(mixNumber(highSeed ^ own, limitTicks, highFactor), prioritySeq, highFactor);
  seeds.seedLow = mixNumber(mixNumber(lowSeed ^ own, limitTicks, lowFactor), prioritySeq, lowFactor);
}

/** What an open order counts for at present in the upper half, from its seed there. */
export function mixHigh(seed: number, openLots: number, executedLots: number, preventedLots: number): number {
  const mixed = mixNumber(mixNumber(seed, openLots, highFactor), executedLots, highFactor);
  return finish(mixNumber(mixed, preventedLots, highFactor));
}

/** The same in the lower half. */
export function mixLow(seed: number, openLots: number, executedLots: number, preventedLots: number): number {
  const mixed = mixNumber(mixNumber(seed, openLots, lowFactor), executedLots, lowFactor);
  return finish(mixNumber(mixed, preventedLots, lowFactor));
}

/** The hash as 16 hex digits: the sums of the orders' mixes with the state's own numbers mixed in. */
export function formatHash(sumHigh: number, sumLow: number, bookSeq: number, tradeSeq: number, last: number): string {
  const half = (seed: number, factor: number, sum: number): string => {
    const own = mixNumber(mixNumber(mixNumber(seed, bookSeq, factor), tradeSeq, factor), last, factor);
    return ((finish(own) + sum) >>> 0).toString(16).padStart(8, '0');
  };
  return half(highSeed, highFactor, sumHigh) + half(lowSeed, lowFactor, sumLow);
}

/** The hash from scratch, for checks: O(orders). */
export function hashFromScratch(
  orders: Iterable<HashedOrder>,
  bookSeq: number,
  tradeSeq: number,
  lastTicks: number,
): string {
  let high = 0;
  let low = 0;
  const seeds: Seeds = { seedHigh: 0, seedLow: 0 };
  for (const order of orders) {
    const { openLots, executedLots, preventedLots } = order;
    seed(order, hashId(order.id), seeds);
    high = (high + mixHigh(seeds.seedHigh, openLots, executedLots, preventedLots)) | 0;
    low = (low + mixLow(seeds.seedLow, openLots, executedLots, preventedLots)) | 0;
  }
  return formatHash(high, low, bookSeq, tradeSeq, lastTicks);
}

/** Both 32-bit words of an integer below 2^53. The high one is mostly 0, and then costs no division. */
function mixNumber(hash: number, value: number, factor: number): number {
  const low = value | 0;
  const mixed = Math.imul(hash ^ low, factor);
  const turned = mixed ^ (mixed >>> 15);
  return low === value ? turned : Math.imul(turned ^ ((value / twoTo32) | 0), factor);
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
