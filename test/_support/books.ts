import { loadMarket } from '../../matcher/recovery.ts';
import { shadow } from '../../matcher/shadow.ts';
import { systemClock } from '../../platform/clock.ts';
import { createBookCheck } from '../../services/books.ts';
import type { Database } from '../../storage/db.ts';
import { loadStoredMarket } from '../../storage/trading/matching-state.ts';
import { until } from './until.ts';

/** An order that a client was told is placed, or (`cancelled`) that its cancel was accepted. */
export interface Promised {
  readonly orderId: string;
  /** Null of a leg of an order list. */
  readonly clientOrderId: string | null;
  readonly userId: string;
  readonly cancelled: boolean;
}

/** Waits until nothing is on its way any more: every order and command has its outcome, every trade is settled. */
export async function untilQuiet(db: Database, ms = 30_000): Promise<void> {
  const deadline = performance.now() + ms;
  const left = async () => db.one<Record<string, number>>(unfinished).catch(() => ({ away: 1 }));
  await until(async () => Object.values(await left()).every((count) => count === 0), ms).catch(async () => {
    throw new Error(
      `Not quiet after ${Math.round(ms + performance.now() - deadline)} ms: ${JSON.stringify(await left())}`,
    );
  });
}

const unfinished = `
  SELECT (SELECT count(*)::int FROM trading.orders WHERE status = 'PENDING') AS pending_orders,
         (SELECT count(*)::int FROM trading.commands WHERE outcome IS NULL) AS open_commands,
         (SELECT coalesce(sum(trade_seq - coalesce(settled_seq, 0)), 0)::int
            FROM trading.market_state LEFT JOIN ledger.settlement_progress USING (symbol)) AS unsettled_trades`;

/**
 * Everything that must hold of orders, books and ledger, whatever died: what does not is described, one sentence each.
 * Meant for a system that is quiet (`untilQuiet`); `promised` is what its clients were told.
 */
export async function findBreaks(db: Database, promised: readonly Promised[] = []): Promise<readonly string[]> {
  const findings: string[] = [];
  const kept = JSON.stringify(promised.map((each) => [each.orderId, each.clientOrderId, each.userId, each.cancelled]));
  for (const [what, sql] of Object.entries(checks)) {
    const rows = await db.manyOrNone<{ subject: string }>(sql, { kept });
    findings.push(...rows.map(({ subject }) => `${what}: ${subject}`));
  }
  const { breaks } = await createBookCheck({ db, clock: systemClock })();
  findings.push(...breaks.map(({ check, subject, finding }) => `${check}: ${subject} ${finding}`));
  const markets = await db.manyOrNone<{ symbol: string }>('SELECT symbol FROM trading.market_state WHERE batch > 0');
  for (const { symbol } of markets) findings.push(...(await rebuild(db, symbol)));
  return findings;
}

/** Each answers the subjects for which it does not hold. */
const checks: Readonly<Record<string, string>> = {
  'an acknowledged order is missing or without place': `
    SELECT kept ->> 0 AS subject
      FROM json_array_elements($<kept>::json) AS kept
      LEFT JOIN trading.orders ON order_id = (kept ->> 0)::uuid
                              AND client_order_id IS NOT DISTINCT FROM kept ->> 1
                              AND user_id = (kept ->> 2)::uuid AND status <> 'PENDING'
     WHERE order_id IS NULL`,
  'an order whose cancel was accepted is open': `
    SELECT order_id AS subject
      FROM json_array_elements($<kept>::json) AS kept
      JOIN trading.orders ON order_id = (kept ->> 0)::uuid
     WHERE (kept ->> 3)::boolean AND status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED')`,
  'an order waits for more than 30 s': `
    SELECT order_id AS subject FROM trading.orders
     WHERE status = 'PENDING' AND created_at < now() - interval '30 s'`,
  'a command waits for more than 30 s': `
    SELECT command_id AS subject FROM trading.commands
     WHERE outcome IS NULL AND created_at < now() - interval '30 s'`,
  'a list has not two orders, or both have executed something': `
    SELECT order_list_id AS subject
      FROM trading.order_lists LEFT JOIN trading.orders USING (order_list_id)
     GROUP BY order_list_id
    HAVING count(order_id) <> 2 OR count(*) FILTER (WHERE filled_quantity > 0) > 1`,
  'a leg waits whose other one has ended or executed something': `
    SELECT leg.order_id AS subject
      FROM trading.orders AS leg
      JOIN trading.orders AS other ON other.order_list_id = leg.order_list_id AND other.order_id <> leg.order_id
     WHERE leg.status = 'OPEN' AND leg.stop_price IS NOT NULL AND leg.triggered_at IS NULL
       AND (other.status <> 'OPEN' OR other.filled_quantity > 0)`,
  'a client order id has several orders': `
    SELECT client_order_id AS subject FROM trading.orders
     WHERE client_order_id IS NOT NULL
     GROUP BY user_id, client_order_id HAVING count(*) > 1`,
  'trades are not gapless': `
    SELECT symbol AS subject
      FROM trading.market_state LEFT JOIN trading.trades USING (symbol)
     GROUP BY symbol, market_state.trade_seq
    HAVING (count(trades.trade_seq), count(DISTINCT trades.trade_seq), coalesce(max(trades.trade_seq), 0))
           <> (market_state.trade_seq, market_state.trade_seq, market_state.trade_seq)`,
  'a trade is in several batches, or its batch is not that of its table': `
    SELECT coalesce(written.symbol, trades.symbol) || ' ' || coalesce(written.seq, trades.trade_seq) AS subject
      FROM (SELECT symbol, (trade ->> 0)::bigint AS seq, count(*) AS times
              FROM trading.journal, jsonb_array_elements(events -> 't') AS trade
             GROUP BY 1, 2) AS written
      FULL JOIN trading.trades ON trades.symbol = written.symbol AND trades.trade_seq = written.seq
     WHERE written.times IS DISTINCT FROM 1 OR trades.trade_id IS NULL`,
  'a batch of an older epoch follows a newer one': `
    SELECT symbol || ' ' || batch AS subject
      FROM (SELECT symbol, batch, epoch, lag(epoch) OVER (PARTITION BY symbol ORDER BY batch) AS before
              FROM trading.journal) AS batches
     WHERE epoch < before`,
  'a trade was settled again under other ids': `
    SELECT journal_id AS subject FROM ledger.transfers
     WHERE kind IN ('TRADE_BUY', 'TRADE_SELL')
     GROUP BY journal_id, kind HAVING count(*) > 1`,
  'an order has executed something else than its trades': `
    SELECT entry.order_id AS subject
      FROM trading.orders AS entry
      LEFT JOIN (SELECT order_id, sum(quantity) AS filled, sum(quote_amount) AS executed, sum(fee) AS fees
                   FROM (SELECT buyer_order_id, quantity, quote_amount, buyer_fee FROM trading.trades
                          UNION ALL
                         SELECT seller_order_id, quantity, quote_amount, seller_fee FROM trading.trades
                        ) AS part (order_id, quantity, quote_amount, fee)
                  GROUP BY order_id) AS traded USING (order_id)
     WHERE (entry.filled_quantity, entry.executed_quote, entry.fees)
           <> (coalesce(traded.filled, 0), coalesce(traded.executed, 0), coalesce(traded.fees, 0))`,
  'an order lost something else to self-trade prevention than is listed': `
    SELECT entry.order_id AS subject
      FROM trading.orders AS entry
      LEFT JOIN (SELECT order_id, sum(quantity) AS prevented
                   FROM (SELECT taker_order_id, quantity FROM trading.prevented_matches
                          WHERE self_trade_prevention <> 'EXPIRE_MAKER'
                          UNION ALL
                         SELECT maker_order_id, quantity FROM trading.prevented_matches
                          WHERE self_trade_prevention <> 'EXPIRE_TAKER') AS side (order_id, quantity)
                  GROUP BY order_id) AS listed USING (order_id)
     WHERE entry.prevented_quantity <> coalesce(listed.prevented, 0)`,
  'candles hold other trades than those folded': `
    SELECT symbol || ' ' || folded.interval AS subject
      FROM trading.candle_progress AS progress
      JOIN (SELECT symbol, interval, sum(trades) AS trades, sum(volume) AS volume, sum(quote_volume) AS quote
              FROM trading.candles GROUP BY 1, 2) AS folded USING (symbol)
     CROSS JOIN LATERAL (
          SELECT count(*) AS trades, sum(quantity) AS volume, sum(quote_amount) AS quote
            FROM trading.trades
           WHERE trades.symbol = progress.symbol AND trades.trade_seq <= progress.trade_seq
             AND NOT EXISTS (SELECT FROM trading.busted_trades WHERE busted_trades.trade_id = trades.trade_id)
      ) AS made
     WHERE (folded.trades, folded.volume, folded.quote) IS DISTINCT FROM (made.trades, made.volume, made.quote)`,
};

/** The committed book against one built from the open orders, and one from the journal since its first batch. */
async function rebuild(db: Database, symbol: string): Promise<readonly string[]> {
  const { epoch } = await loadStoredMarket(db, symbol);
  try {
    await loadMarket(db, { symbol, epoch }, Date.now);
  } catch (error) {
    return [`the open orders do not give the book: ${symbol} ${String(error)}`];
  }
  const { fault } = await shadow(db, symbol);
  return fault === undefined ? [] : [`${fault} (${symbol})`];
}
