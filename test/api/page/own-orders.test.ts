import test from 'ava';
import { createOwnOrders } from '../../../api/page/own-orders.ts';
import type { Order } from '../../../api/page/types.ts';

const order = (order_id: string, status: Order['status'], filled = '0', second = 0): Order => ({
  order_id,
  user_id: 'user',
  client_order_id: null,
  order_list_id: null,
  symbol: 'BTC/USDT',
  side: 'BUY',
  order_type: 'LIMIT',
  time_in_force: 'GTC',
  quantity: '2',
  quote_quantity: null,
  price: '10',
  stop_price: null,
  post_only: false,
  self_trade_prevention: 'EXPIRE_TAKER',
  status,
  filled_quantity: filled,
  executed_quote: '0',
  prevented_quantity: '0',
  average_price: null,
  fees: '0',
  reject_reason: null,
  triggered_at: null,
  expires_at: null,
  created_at: time(0),
  updated_at: time(second),
  filled_at: null,
  cancelled_at: null,
});

const time = (second: number): string => `2026-03-01T00:00:0${second}.000Z`;

function change(order_id: string, status: Order['status'], filled: string, second: number) {
  const { symbol, side, executed_quote, prevented_quantity } = order(order_id, status);
  return {
    type: 'update' as const,
    data: {
      orders: [],
      changes: [
        {
          order_id,
          symbol,
          side,
          status,
          filled_quantity: filled,
          executed_quote,
          prevented_quantity,
          updated_at: time(second),
        },
      ],
    },
  };
}

const snapshot = (...orders: Order[]) => ({ type: 'snapshot' as const, data: { orders, changes: [] } });

/** A list of orders whose loading waits until the test answers it. */
function make() {
  const answers = new Map<string, (order: Order | undefined) => void>();
  const orders = createOwnOrders({
    load: (id) => new Promise((resolve) => answers.set(id, resolve)),
    onChange: () => undefined,
  });
  const answer = async (id: string, loaded: Order | undefined): Promise<void> => {
    answers.get(id)?.(loaded);
    await new Promise(setImmediate);
  };
  const shown = () => orders.list().map(({ order_id, status, filled_quantity }) => [order_id, status, filled_quantity]);
  return { orders, answer, shown };
}

test('own orders: a snapshot and changes, shows what is open, newest first', (t) => {
  const { orders, shown } = make();
  orders.take(snapshot(order('1', 'OPEN'), order('2', 'OPEN')));
  orders.take(change('1', 'PARTIALLY_FILLED', '0.5', 1));
  t.deepEqual(shown(), [
    ['2', 'OPEN', '0'],
    ['1', 'PARTIALLY_FILLED', '0.5'],
  ]);
  t.deepEqual(
    orders.take(change('2', 'CANCELLED', '0', 2)).map(({ status }) => status),
    ['CANCELLED'],
  );
  t.deepEqual(shown(), [['1', 'PARTIALLY_FILLED', '0.5']]);
});

test('own orders: a change older than the snapshot, changes nothing', (t) => {
  const { orders, shown } = make();
  orders.take(snapshot(order('1', 'PARTIALLY_FILLED', '0.5', 5)));
  orders.take(change('1', 'OPEN', '0', 3));
  t.deepEqual(shown(), [['1', 'PARTIALLY_FILLED', '0.5']]);
});

test('own orders: an order not known, is read and has what changed meanwhile', async (t) => {
  const { orders, answer, shown } = make();
  orders.take(snapshot());
  orders.take(change('1', 'OPEN', '0', 1));
  orders.take(change('1', 'PARTIALLY_FILLED', '1', 2));
  await answer('1', order('1', 'OPEN', '0', 1));
  t.deepEqual(shown(), [['1', 'PARTIALLY_FILLED', '1']]);
  orders.take(change('2', 'OPEN', '0', 3));
  orders.take(change('2', 'FILLED', '2', 4));
  await answer('2', order('2', 'OPEN', '0', 3));
  t.deepEqual(shown(), [['1', 'PARTIALLY_FILLED', '1']]);
});

test('own orders: amended, have their new terms, also when that came while they were read', async (t) => {
  const { orders, answer } = make();
  const amended = (id: string, second: number) => {
    const event = change(id, 'OPEN', '0', second);
    const terms = { quantity: '1', price: '11', kept_priority: false };
    return {
      ...event,
      data: { ...event.data, changes: event.data.changes.map((one) => ({ ...one, amended: terms })) },
    };
  };
  orders.take(snapshot(order('1', 'OPEN')));
  orders.take(amended('1', 1));
  t.like(orders.list()[0], { quantity: '1', price: '11', stop_price: null });
  orders.take(change('2', 'OPEN', '0', 1));
  orders.take(amended('2', 2));
  orders.take(change('2', 'PARTIALLY_FILLED', '0.5', 3));
  await answer('2', order('2', 'OPEN', '0', 1));
  t.like(orders.list()[0], { quantity: '1', price: '11', filled_quantity: '0.5' });
});

test('own orders: read too late or in vain, are not shown', async (t) => {
  const { orders, answer, shown } = make();
  orders.take(change('1', 'OPEN', '0', 1));
  await answer('1', undefined);
  orders.take(change('2', 'OPEN', '0', 1));
  orders.clear();
  await answer('2', order('2', 'OPEN'));
  t.deepEqual(shown(), []);
});
