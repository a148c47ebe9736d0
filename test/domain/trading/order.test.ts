import test from 'ava';
import { asPlaced, averagePrice, isFinal, type Order, orderStatuses } from '../../../domain/trading/order.ts';

const created = new Date(1_763_000_000_000);
const order: Order = {
  orderId: '1',
  userId: '2',
  clientOrderId: undefined,
  orderListId: undefined,
  symbol: 'BTC/USDT',
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '3',
  quoteQuantity: undefined,
  price: '50000',
  stopPrice: undefined,
  postOnly: false,
  selfTradePrevention: 'EXPIRE_TAKER',
  status: 'CANCELLED',
  filledQuantity: '3',
  executedQuote: '100000',
  fees: '0.001',
  preventedQuantity: '0',
  reason: 'USER',
  expiresAt: undefined,
  triggeredAt: undefined,
  createdAt: created,
  updatedAt: new Date(),
  filledAt: undefined,
  cancelledAt: new Date(),
};

test('average price: what was paid for each unit, is rounded down to 8 decimals', (t) => {
  t.is(averagePrice(order), '33333.33333333');
});

test('average price: nothing is filled, there is none', (t) => {
  t.is(averagePrice({ ...order, filledQuantity: '0', executedQuote: '0' }), undefined);
});

test('order: its first answer, is PENDING with nothing that came later', (t) => {
  t.like(asPlaced(order), { price: '50000', status: 'PENDING', filledQuantity: '0', fees: '0', updatedAt: created });
  t.is(asPlaced(order).reason, undefined);
  t.is(asPlaced(order).cancelledAt, undefined);
});

test('order: of its states, four are final', (t) => {
  t.deepEqual(orderStatuses.filter(isFinal), ['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED']);
});
