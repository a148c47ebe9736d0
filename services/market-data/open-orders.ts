import type { Order } from '../../domain/trading/order.ts';
import type { OrderReads } from '../trading/orders.ts';

const pageSize = 500;

/**
 * All of a user's orders that are not final. Orders move from each of these states only to the next ones, so reading
 * them one after the other misses none; one that moved meanwhile is shown as it was last.
 */
export async function readOpenOrders({ list }: Pick<OrderReads, 'list'>, userId: string): Promise<readonly Order[]> {
  const found = new Map<string, Order>();
  for (const status of ['PENDING', 'OPEN', 'PARTIALLY_FILLED'] as const) {
    let before: string | undefined;
    do {
      const filter = { symbol: undefined, side: undefined, start: undefined, end: undefined, limit: pageSize };
      const page = await list(userId, { ...filter, status, before });
      for (const order of page) found.set(order.orderId, order);
      before = page.length < pageSize ? undefined : page.at(-1)?.orderId;
    } while (before !== undefined);
  }
  return [...found.values()];
}
