import type { OrderList } from '../../domain/trading/order-list.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';
import { findOrders } from './orders.ts';

const findSql = sqlFile('find-order-list.sql', import.meta.url);

interface ListRow {
  readonly order_list_id: string;
  readonly client_order_list_id: string | null;
  readonly symbol: string;
  readonly limit_order_id: string;
  readonly stop_order_id: string;
  readonly created_at: Date;
}

/** An order list of a user with its orders as they are now, if there is such and its orders are not archived. */
export async function findOrderList(db: Db, userId: string, orderListId: string): Promise<OrderList | undefined> {
  const row = await db.oneOrNone<ListRow>(findSql, { userId, orderListId });
  if (row === null) return undefined;
  const orders = await findOrders(db, [row.limit_order_id, row.stop_order_id]);
  const [limit, stop] = [orders.get(row.limit_order_id), orders.get(row.stop_order_id)];
  if (limit?.quantity === undefined || stop === undefined) return undefined;
  return {
    orderListId,
    clientOrderListId: row.client_order_list_id ?? undefined,
    symbol: row.symbol,
    side: limit.side,
    quantity: limit.quantity,
    orders: [limit, stop],
    createdAt: row.created_at,
  };
}
