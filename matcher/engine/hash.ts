/**
 * The state's hash: the sum over all open orders of a 64-bit mix of what each of them is, in two 32-bit halves with
 * factors of their own, so that a change costs one mix whatever the book holds. Numbers are mixed by adding them up,
 * each times a factor of its own, so that none waits for another; MurmurHash3's end then spreads the bits. It finds
 * faults, not forgers: whoever may write orders may also write the hash. It is committed with the state, so another
 * hash is another engine version.
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

/** And of a stop that waits, beside that. */
export interface HashedStop extends HashedOrder {
  readonly stopTicks: number;
  readonly stopSeq: number;
  readonly budgetLeft: number;
}

/** The other leg of a stop's list. Of two legs one always waits, so the hash sees every list. */
type OtherLeg = { readonly id: string } | undefined;

/** The state's own numbers. */
export interface HashedState {
  readonly bookSeq: number;
  readonly tradeSeq: number;
  readonly stopSeq: number;
  readonly lastTicks: number;
}

const twoTo32 = 0x1_0000_0000;

/**
 * The upper half of what an open order counts for. Its id counts with the hash that it is looked up by, of the random
 * end of a UUIDv7: reading the whole id again took as long as all the mixing (bench/README.md).
 */
export function mixHigh(order: HashedOrder, idHash: number): number {
  const own = Math.imul(order.isBuy ? idHash : ~idHash, 0x9e3779b1);
  const place = times(order.limitTicks, 0x85ebca77) + times(order.prioritySeq, 0xc2b2ae3d);
  const lots = times(order.openLots, 0x27d4eb2f) + times(order.executedLots, 0x165667b1);
  return spread(own + place + lots + times(order.preventedLots, 0xcc9e2d51));
}

/** The same in the lower half. */
export function mixLow(order: HashedOrder, idHash: number): number {
  const own = Math.imul(order.isBuy ? idHash : ~idHash, 0x1b873593);
  const place = times(order.limitTicks, 0xd3a2646d) + times(order.prioritySeq, 0xfd7046c5);
  const lots = times(order.openLots, 0xb55a4f09) + times(order.executedLots, 0x9747b28d);
  return spread(own + place + lots + times(order.preventedLots, 0x3c6ef373));
}

/** The upper half of what a stop that waits counts for. */
export function mixStopHigh(stop: HashedStop, idHash: number, other: OtherLeg): number {
  const own = mixHigh(stop, idHash);
  const waits = times(stop.stopTicks, 0xb492b66f) + times(stop.stopSeq, 0x9ae16a3b);
  return spread(own + waits + times(stop.budgetLeft, 0xff51afd7) + Math.imul(otherHash(other), 0x2545f491));
}

/** The same in the lower half. */
export function mixStopLow(stop: HashedStop, idHash: number, other: OtherLeg): number {
  const own = mixLow(stop, idHash);
  const waits = times(stop.stopTicks, 0xc4ceb9ff) + times(stop.stopSeq, 0x52dce729);
  return spread(own + waits + times(stop.budgetLeft, 0x38495ab5) + Math.imul(otherHash(other), 0x6c8e9cf5));
}

/** 0 for a stop in no list, which thereby leaves no mark. */
function otherHash(other: OtherLeg): number {
  return other === undefined ? 0 : hashId(other.id);
}

/**
 * The hash as 16 hex digits: the sums of the orders' mixes, and the state's own numbers mixed likewise. A number that
 * is 0 leaves no mark: a state that never had a stop has the hash it had before there were stops.
 */
export function formatHash(sumHigh: number, sumLow: number, state: HashedState): string {
  const { bookSeq, tradeSeq, stopSeq, lastTicks } = state;
  const high = times(bookSeq, 0x85ebca77) + times(tradeSeq, 0xc2b2ae3d) + times(lastTicks, 0x27d4eb2f);
  const low = times(bookSeq, 0xd3a2646d) + times(tradeSeq, 0xfd7046c5) + times(lastTicks, 0xb55a4f09);
  const digits = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');
  return (
    digits(sumHigh + spread(high + times(stopSeq, 0x165667b1))) +
    digits(sumLow + spread(low + times(stopSeq, 0x9747b28d)))
  );
}

/** The hash from scratch, for checks: O(orders). */
export function hashFromScratch(
  orders: Iterable<HashedOrder>,
  stops: Iterable<HashedStop & { readonly other?: OtherLeg }>,
  state: HashedState,
): string {
  let high = 0;
  let low = 0;
  const count = (orderHigh: number, orderLow: number): void => {
    high = (high + orderHigh) | 0;
    low = (low + orderLow) | 0;
  };
  for (const order of orders) {
    const idHash = hashId(order.id);
    count(mixHigh(order, idHash), mixLow(order, idHash));
  }
  for (const stop of stops) {
    const idHash = hashId(stop.id);
    count(mixStopHigh(stop, idHash, stop.other), mixStopLow(stop, idHash, stop.other));
  }
  return formatHash(high, low, state);
}

/** Both 32-bit words of an integer below 2^53, times an odd factor. The high one is mostly 0 and costs nothing. */
function times(value: number, factor: number): number {
  const low = value | 0;
  const product = Math.imul(low, factor);
  return low === value ? product : Math.imul(product ^ ((value / twoTo32) | 0), factor);
}

function spread(sum: number): number {
  let h = sum | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
