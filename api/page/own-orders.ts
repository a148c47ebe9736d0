import type { OrdersEvent } from '../../contract/websocket.ts';
import type { Order } from './types.ts';

type Change = OrdersEvent['data']['changes'][number];

const final: ReadonlySet<Order['status']> = new Set(['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED']);

/** A user's open orders, as the events of the orders channel make them. */
export interface OwnOrders {
  /** Takes in an event; answers the orders that ended by it. */
  take(event: OrdersEvent): readonly Change[];
  /** Newest first. */
  list(): readonly Order[];
  clear(): void;
}

interface Deps {
  /** Reads an order that an event named for the first time; undefined when it could not be read. */
  readonly load: (orderId: string) => Promise<Order | undefined>;
  /** The list has changed. */
  readonly onChange: () => void;
}

/** Makes an empty list of open orders. */
export function createOwnOrders({ load, onChange }: Deps): OwnOrders {
  let open = new Map<string, Order>();
  /** Orders being read, and the newest change of each meanwhile. */
  let loading = new Map<string, Change>();

  function apply(change: Change): void {
    const known = open.get(change.order_id);
    const before = loading.get(change.order_id);
    // What an amend told stays true when a fill comes behind it.
    if (before !== undefined) loading.set(change.order_id, { ...before, ...change });
    else if (known !== undefined) put(merge(known, change));
    else if (!final.has(change.status)) void read(change);
  }

  function put(order: Order): void {
    if (final.has(order.status)) open.delete(order.order_id);
    else open.set(order.order_id, order);
  }

  async function read(change: Change): Promise<void> {
    const orders = loading;
    orders.set(change.order_id, change);
    const order = await load(change.order_id);
    const newest = orders.get(change.order_id) ?? change;
    orders.delete(change.order_id);
    // Another list was begun meanwhile, perhaps another user's.
    if (order === undefined || orders !== loading) return;
    put(merge(order, newest));
    onChange();
  }

  function clear(): void {
    open = new Map();
    loading = new Map();
    onChange();
  }

  return {
    take({ type, data }) {
      if (type !== 'update') clear();
      for (const order of data.orders) put(order);
      data.changes.forEach(apply);
      onChange();
      return data.changes.filter(({ status }) => final.has(status));
    },
    list: () => [...open.values()].sort((one, other) => (one.order_id < other.order_id ? 1 : -1)),
    clear,
  };
}

/** An order with a change in it, unless the order is newer: a snapshot may be followed by what it shows already. */
const merge = (order: Order, change: Change): Order =>
  change.updated_at < order.updated_at
    ? order
    : {
        ...order,
        status: change.status,
        filled_quantity: change.filled_quantity,
        executed_quote: change.executed_quote,
        quantity: change.amended?.quantity ?? order.quantity,
        price: change.amended?.price ?? order.price,
        stop_price: change.amended?.stop_price ?? order.stop_price,
        updated_at: change.updated_at,
      };
