import { type Expiry, type Order } from './orders.ts';

/** When what ends. */
export interface Expiries {
  /** Open DAY orders by the time they end. */
  readonly expiries: Map<number, Expiry>;
  /** The earliest time in `expiries`; Infinity when there is none. */
  nextExpiry: number;
}

/** Notes when an open DAY order ends. */
export function addExpiry(noted: Expiries, order: Order, expiresAt: number): void {
  const expiry = noted.expiries.get(expiresAt) ?? { expiresAt, orders: new Set(), stops: new Set() };
  noted.expiries.set(expiresAt, expiry);
  noted.nextExpiry = Math.min(noted.nextExpiry, expiresAt);
  (order.stopSeq > 0 ? expiry.stops : expiry.orders).add(order);
  order.expiry = expiry;
}

/** Puts a resting DAY order that lost its place behind those that end with it. */
export function renewExpiry(order: Order, { orders }: Expiry): void {
  orders.delete(order);
  orders.add(order);
}

/** Forgets when an order ends. */
export function removeExpiry(noted: Expiries, order: Order, { expiresAt, orders, stops }: Expiry): void {
  (order.stopSeq > 0 ? stops : orders).delete(order);
  order.expiry = undefined;
  if (orders.size + stops.size > 0) return;
  noted.expiries.delete(expiresAt);
  // DAY orders end at midnight: there are never more than a few times to look through.
  noted.nextExpiry = Math.min(Infinity, ...noted.expiries.keys());
}
