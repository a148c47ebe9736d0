import { DomainError } from '../../domain/errors.ts';
import type { Fill, Order, PreventedMatch } from '../../domain/trading/order.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import {
  type FillFilter,
  findOrder,
  findOrders,
  listFills,
  listOrders,
  listPreventedMatches,
  type OrderFilter,
  type OrderKey,
  type PreventedPage,
} from '../../storage/trading/orders.ts';

export type { FillFilter, OrderFilter, OrderKey };

export interface OrderReads {
  /** One order of a user. Throws ORDER_NOT_FOUND, for somebody else's as for an unknown one. */
  find(userId: string, key: OrderKey): Promise<Order>;
  /** A user's orders, newest first. */
  list(userId: string, filter: OrderFilter): Promise<readonly Order[]>;
  /** What a user traded, newest first. */
  fills(userId: string, filter: FillFilter): Promise<readonly Fill[]>;
  /** What self-trade prevention kept an order of the user from, newest first. Throws ORDER_NOT_FOUND. */
  preventedMatches(userId: string, orderId: string, page: PreventedPage): Promise<readonly PreventedMatch[]>;
}

/** Those of these orders that the matcher has taken in, as they are now. */
export async function findTakenIn(db: Database, orderIds: readonly string[]): Promise<ReadonlyMap<string, Order>> {
  const orders = await findOrders(db, orderIds);
  return new Map([...orders].filter(([, { status }]) => status !== 'PENDING'));
}

/** What users read of their own orders: always from PostgreSQL. */
export function createOrderReads({ db }: { readonly db: Database }): OrderReads {
  const find: OrderReads['find'] = async (userId, key) => {
    const order = await findOrder(db, userId, key).catch(unavailableWhenAway);
    if (order !== undefined) return order;
    throw new DomainError('ORDER_NOT_FOUND', 'You have no such order.');
  };

  return {
    find,
    list: (userId, filter) => listOrders(db, userId, filter).catch(unavailableWhenAway),
    fills: (userId, filter) => listFills(db, userId, filter).catch(unavailableWhenAway),
    async preventedMatches(userId, orderId, page) {
      await find(userId, { orderId });
      return listPreventedMatches(db, orderId, page).catch(unavailableWhenAway);
    },
  };
}
