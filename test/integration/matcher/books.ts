import { loadMarket } from '../../../matcher/recovery.ts';
import { shadow } from '../../../matcher/shadow.ts';
import type { Db } from '../../../storage/db.ts';
import { loadStoredMarket } from '../../../storage/trading/matching-state.ts';
import { symbol } from './market.ts';

/** The database of a test. */
export interface BooksOf {
  readonly database: { readonly db: Db };
}

/** What a test asserts with; a benchmark brings its own. */
export interface Assertions {
  is(actual: unknown, expected: unknown, message?: string): unknown;
  deepEqual(actual: unknown, expected: unknown, message?: string): unknown;
  true(actual: unknown, message?: string): unknown;
}

/**
 * Everything that must hold of a market once nothing is on its way and settlement is away: each order has its place,
 * trades are gapless, reservations are what orders and trades say, and the journal replayed gives the same events and
 * book.
 */
export async function checkBooks(t: Assertions, { database: { db } }: BooksOf, market = symbol): Promise<void> {
  const { pending } = await db.one<{ pending: number }>(
    "SELECT count(*)::int AS pending FROM trading.orders WHERE status = 'PENDING'",
  );
  t.is(pending, 0, 'no order is unaccounted for');
  const trades = await db.one<{ count: number; highest: number; ids: number }>(
    `SELECT count(*)::int AS count, coalesce(max(trade_seq), 0)::int AS highest, count(DISTINCT trade_seq)::int AS ids
       FROM trading.trades WHERE symbol = $1`,
    [market],
  );
  t.deepEqual([trades.count, trades.ids], [trades.highest, trades.highest], 'trades are gapless');
  t.deepEqual(await db.any(wrongReservations, [market]), [], 'reservations are what orders and trades say');
  t.deepEqual(await db.any(heldAmends), [], 'amends hold nothing once they are done');
  t.deepEqual(await db.any(wrongOrders, [market]), [], 'orders have executed what their trades say');

  t.true(trades.count > 0);
  const { hash, epoch } = await loadStoredMarket(db, market);
  const recovered = await loadMarket(db, { symbol: market, epoch }, Date.now);
  t.is(recovered.book.hash(), hash ?? '', 'the open orders give the committed book');
  t.is((await shadow(db, market)).fault, undefined, 'the replayed journal gives the committed book');
}

/** What trades gave and took, by order: `settles` is what settling will take from the reservation. */
const tradedByOrder = `
  traded AS (
      SELECT order_id, sum(quantity) AS filled, sum(quote_amount) AS executed, sum(fee) AS fees,
             sum(settles) AS settles
        FROM (SELECT buyer_order_id, quantity, quote_amount, buyer_fee, quote_amount + buyer_release
                FROM trading.trades WHERE symbol = $1
               UNION ALL
              SELECT seller_order_id, quantity, quote_amount, seller_fee, base_amount
                FROM trading.trades WHERE symbol = $1) AS side (order_id, quantity, quote_amount, fee, settles)
       GROUP BY order_id
  )`;

/**
 * With settlement away: what is left of a reservation is what is open, and what its trades will take. The legs of a
 * list share one, of what the larger needs.
 */
const wrongReservations = `
  WITH ${tradedByOrder}
  SELECT reserved.reservation_id, reserved.remaining
    FROM trading.orders AS entry
    JOIN ledger.reservations AS reserved
      ON reserved.reservation_id = coalesce(entry.order_list_id, entry.order_id)
    LEFT JOIN traded USING (order_id)
   WHERE entry.symbol = $1
   GROUP BY reserved.reservation_id
  HAVING reserved.remaining <> coalesce(sum(traded.settles), 0)
         + max(CASE WHEN entry.status = 'OPEN' AND entry.quantity IS NULL THEN entry.reserved_amount
                WHEN entry.status IN ('OPEN', 'PARTIALLY_FILLED')
                THEN (entry.quantity - entry.filled_quantity - entry.prevented_quantity)
                     * CASE entry.side WHEN 'BUY' THEN entry.reserve_price ELSE 1 END
                ELSE 0 END)`;

const heldAmends = `
  SELECT reservation_id FROM ledger.reservations JOIN trading.commands ON command_id = reservation_id
   WHERE reservations.kind = 'amend' AND outcome IS NOT NULL AND remaining <> 0`;

const wrongOrders = `
  WITH ${tradedByOrder}
  SELECT order_id
    FROM trading.orders AS entry
    LEFT JOIN traded USING (order_id)
   WHERE entry.symbol = $1
     AND (entry.filled_quantity, entry.executed_quote, entry.fees)
         <> (coalesce(traded.filled, 0), coalesce(traded.executed, 0), coalesce(traded.fees, 0))`;
