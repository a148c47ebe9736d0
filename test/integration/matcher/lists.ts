import { silentLogger } from '../../../platform/log.ts';
import type { ListRequest, OrderList } from '../../../domain/trading/order-list.ts';
import { createAssetBook } from '../../../services/ledger/assets.ts';
import { createTradingService, type TradingService } from '../../../services/trading/trading.ts';
import type { Db } from '../../../storage/db.ts';
import { until } from '../../_support/until.ts';
import type { Kit } from './kit.ts';
import { newId, symbol } from './market.ts';

/** A sell of 10 lots at 120, or once the market falls to 90; the market begins at 100. */
export const selling: ListRequest = {
  symbol,
  side: 'SELL',
  quantity: '0.001',
  orders: [
    { orderType: 'LIMIT', price: '120' },
    { orderType: 'STOP', stopPrice: '90' },
  ],
};

/** The same the other way round: at 80, or once it rises to 110, then for at most 112. */
export const buying: ListRequest = {
  ...selling,
  side: 'BUY',
  orders: [
    { orderType: 'STOP_LIMIT', stopPrice: '110', price: '112' },
    { orderType: 'LIMIT', price: '80' },
  ],
};

/** What the doors do, over a matcher's database and Redis. */
export function openTrading({ database: { db }, redis: { redis } }: Kit): TradingService {
  return createTradingService({
    ...{ db, redis, newId, log: silentLogger, clock: () => new Date(), assets: createAssetBook({ db }) },
    ...{ monotonicMs: () => performance.now(), batchWindowMs: 2, batchSize: 256, maxQueued: 20_000 },
  });
}

/** Places a list as the door does, as soon as the market is served. */
export async function placeList(trading: TradingService, userId: string, request: ListRequest): Promise<OrderList> {
  await until(async () => (await trading.markets.find(symbol)).isServed);
  return trading.orderLists.place({ userId, kycStatus: 'verified' }, request, undefined);
}

/** Places a list that no matcher hears of before it looks for it. */
export async function placeUnheard(kit: Kit, userId: string, request: ListRequest): Promise<OrderList> {
  const { db } = kit.database;
  await db.none(`UPDATE trading.market_state SET lease_until = 'infinity'`);
  const list = await placeList(openTrading(kit), userId, request);
  await kit.redis.redis.del('orders:BTC-USDT');
  await db.none(`UPDATE trading.market_state SET lease_until = '-infinity'`);
  return list;
}

/** The orders of a list in short, and what its reservation holds. */
export async function listNow(db: Db, { orderListId }: OrderList): Promise<readonly string[]> {
  const rows = await db.many<{ line: string }>(
    `SELECT concat_ws(' ', order_type, status, reason, trim_scale(filled_quantity)) AS line
       FROM trading.orders WHERE order_list_id = $1 ORDER BY order_type`,
    [orderListId],
  );
  const { held } = await db.one<{ held: string }>(
    `SELECT concat_ws(' ', state, trim_scale(remaining), 'of', trim_scale(amount)) AS held
       FROM ledger.reservations WHERE reservation_id = $1`,
    [orderListId],
  );
  return [...rows.map(({ line }) => line), held];
}
