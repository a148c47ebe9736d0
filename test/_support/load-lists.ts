import type { Random } from '../../bench/_support/random.ts';
import type { Asking, Customer } from './load.ts';

/** A list around a seeded market's initial price: one leg a little beyond it on either side. */
function randomList(random: Random): object {
  const isBuy = random.below(2) === 0;
  const [symbol, middle, lot] = random.below(4) === 0 ? ['ETH/USDT', 3_000, 0.001] : ['BTC/USDT', 50_000, 0.0001];
  const beyond = (side: 1 | -1): string => (middle * (1 + (side * (40 + random.below(100))) / 100_000)).toFixed(2);
  const [price, stop_price] = isBuy ? [beyond(-1), beyond(1)] : [beyond(1), beyond(-1)];
  const stop =
    random.below(2) === 0
      ? { order_type: 'STOP', stop_price }
      : { order_type: 'STOP_LIMIT', stop_price, price: stop_price };
  return {
    ...{ symbol, side: isBuy ? 'BUY' : 'SELL', quantity: ((10 + random.below(50)) * lot).toFixed(4) },
    orders: [{ order_type: 'LIMIT', price }, stop],
  };
}

/** What refuses a list in this load; the market may have moved beyond one of its prices. */
const refusals = new Set(['INSUFFICIENT_FUNDS', 'PRICE_OUT_OF_BAND', 'INVALID_PRICE']);

export interface PlacedList {
  /** Where it is cancelled. */
  readonly path: string;
  readonly promised: { orderId: string; clientOrderId: null; userId: string; cancelled: boolean }[];
}

/** Places a list and answers what its customer was promised; undefined when it was refused. */
export async function placeList(
  { userId, token }: Customer,
  clientOrderListId: string,
  random: Random,
  { ask, judge }: Asking,
): Promise<PlacedList | undefined> {
  const body = { ...randomList(random), client_order_list_id: clientOrderListId };
  const reply = await ask({ method: 'POST', path: '/order-lists', token, body });
  if (reply === undefined) return undefined;
  if (reply.status !== 201) {
    judge(reply, 'POST /order-lists', refusals);
    return undefined;
  }
  const orders = reply.body['orders'] as readonly { readonly order_id: string }[];
  const promised = orders.map(({ order_id }) => ({ orderId: order_id, clientOrderId: null, userId, cancelled: false }));
  return { path: `/order-lists/${String(reply.body['order_list_id'])}`, promised };
}
