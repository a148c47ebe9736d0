import type { Random } from '../../bench/_support/random.ts';
import type { Reply } from './client.ts';

/** A list around a seeded market's initial price: one leg a little beyond it on either side. */
export function randomList(random: Random): object {
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

/** The ids of a list and its orders, as the answer has them. */
export function listIn({ body }: Reply): { readonly listId: string; readonly orderIds: readonly string[] } {
  const orders = body['orders'] as readonly { readonly order_id: string }[];
  return { listId: String(body['order_list_id']), orderIds: orders.map(({ order_id }) => order_id) };
}
