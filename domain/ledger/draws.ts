import type { Atoms } from '../money.ts';

/** What may be drawn from one reservation. */
export interface Drawable {
  readonly reservationId: string;
  readonly remaining: Atoms;
}

export interface Draw {
  readonly reservationId: string;
  readonly amount: Atoms;
}

/** Takes an amount from reservations in the order given; undefined when together they hold too little. */
export function drawInOrder(reservations: readonly Drawable[], amount: Atoms): readonly Draw[] | undefined {
  const draws: Draw[] = [];
  let left = amount;
  for (const { reservationId, remaining } of reservations) {
    if (left === 0n) break;
    const drawn = remaining < left ? remaining : left;
    if (drawn > 0n) draws.push({ reservationId, amount: drawn });
    left -= drawn;
  }
  return left === 0n ? draws : undefined;
}
