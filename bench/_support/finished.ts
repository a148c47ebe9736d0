import { assetsOf } from '../../domain/ledger/ledger.ts';
import { systemClock } from '../../platform/clock.ts';
import { createIds } from '../../platform/ids.ts';
import { silentLogger } from '../../platform/log.ts';
import { createPosting } from '../../services/settlement/posting.ts';
import type { Database } from '../../storage/db.ts';
import { listTradesAfter } from '../../storage/trading/matching-trades.ts';

const newId = createIds(systemClock);

/** Two filled orders with their reservations and the trade between them, for each id; numbered on from the last. */
const addPairs = `
  WITH made AS (
      SELECT trade.*, row_number() OVER () AS number
        FROM unnest($<trades>::uuid[], $<buys>::uuid[], $<sells>::uuid[], $<buyers>::uuid[], $<sellers>::uuid[])
             AS trade (id, buy, sell, buyer, seller)
  ), held AS (
      -- In one call: the accounts of both sides are locked in one order.
      SELECT ledger.reserve(array_agg(buy) || array_agg(sell), 'order', array_agg(buyer) || array_agg(seller),
                            array_agg($<quote>::text) || array_agg($<base>::text),
                            array_agg(50::numeric) || array_agg(0.001),
                            array_agg('BUY_ORDER'::text) || array_agg('SELL_ORDER'::text), now()) AS granted
        FROM made
  ), placed AS (
      INSERT INTO trading.orders (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price,
                                  post_only, self_trade_prevention, status, filled_quantity, executed_quote, fees,
                                  reserve_price, reserved_amount, maker_bps, taker_bps, created_at, updated_at,
                                  filled_at)
      SELECT id, user_id, $<symbol>, side::trading.order_side_enum, 'LIMIT', 'GTC', 0.001, 50000, false, 'EXPIRE_TAKER',
             'FILLED', 0.001, 50, fee, reserve_price, reserved, 10, 10, now(), now(), now()
        FROM held, (SELECT buy, buyer, 'BUY', 0.000001, 50000, 50 FROM made
                     UNION ALL
                    SELECT sell, seller, 'SELL', 0.05, NULL, 0.001 FROM made
                   ) AS side (id, user_id, side, fee, reserve_price, reserved)
  ), state AS (
      UPDATE trading.market_state SET trade_seq = trade_seq + cardinality($<trades>::uuid[])
       WHERE symbol = $<symbol>
      RETURNING trade_seq - cardinality($<trades>::uuid[]) AS before
  )
  INSERT INTO trading.trades (trade_id, symbol, trade_seq, buyer_order_id, seller_order_id, buyer_user_id,
                              seller_user_id, price, quantity, base_amount, quote_amount, buyer_fee, seller_fee,
                              buyer_release, is_buyer_maker, executed_at)
  SELECT id, $<symbol>, before + number, buy, sell, buyer, seller, 50000, 0.001, 0.001, 50, 0.000001, 0.05, 0, true,
         now()
    FROM made, state`;

/** Puts trades between filled orders of these users into the tables as the matcher leaves them, to be settled. */
export async function addTrades(db: Database, symbol: string, users: readonly string[], count: number): Promise<void> {
  const ids = () => Array.from({ length: count }, () => newId());
  const every2nd = (offset: number) =>
    Array.from({ length: count }, (_, index) => users[(2 * index + offset) % users.length]);
  const parties = { buyers: every2nd(0), sellers: every2nd(1) };
  await db.none(addPairs, { symbol, ...assetsOf(symbol), trades: ids(), buys: ids(), sells: ids(), ...parties });
}

const settledAtOnce = 1_000;

/** The same, settled, each order under an id of its caller's. */
export async function addSettledTrades(
  db: Database,
  symbol: string,
  users: readonly string[],
  count: number,
): Promise<void> {
  const posting = createPosting({ db, clock: systemClock, newId, log: silentLogger });
  let { from } = await db.one<{ from: number }>(
    'SELECT trade_seq::int AS "from" FROM trading.market_state WHERE symbol = $<symbol>',
    { symbol },
  );
  for (let left = count; left > 0; left -= settledAtOnce) {
    await addTrades(db, symbol, users, Math.min(left, settledAtOnce));
    const trades = await listTradesAfter(db, symbol, from, settledAtOnce);
    from = (await posting.settle(symbol, from, trades)).settledSeq;
  }
  await db.none(addCallerIds, { symbol });
}

const addCallerIds = `
  INSERT INTO trading.client_order_ids (user_id, client_order_id, order_id, content_hash, created_at)
  SELECT user_id, order_id::text, order_id, md5(order_id::text), created_at
    FROM trading.orders
   WHERE symbol = $<symbol>
      ON CONFLICT DO NOTHING`;
