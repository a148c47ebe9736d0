import { candleWidths, type CandleInterval, type PublicCandle } from '../../../domain/trading/candle.ts';
import { formatDecimal, parseDecimal } from '../../../domain/money.ts';
import { createIds } from '../../../platform/ids.ts';
import type { Database } from '../../../storage/db.ts';
import { symbol } from './kit.ts';

/** A trade as a test makes it up. */
export interface MadeTrade {
  readonly seq: number;
  readonly price: string;
  readonly quantity: string;
  readonly quote: string;
  readonly at: Date;
}

/** Numbers that look random and are the same for the same seed (mulberry32); each is below its argument. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const first = Date.parse('2026-03-01T00:00:00.000Z');
const widths = Object.values(candleWidths);

/**
 * `count` trades after `seq`, in order of time: some together, some minutes and hours apart, and many at the first or
 * the last instant of an interval.
 */
export function makeTrades(count: number, { seed = 1, seq = 0, from = first } = {}): readonly MadeTrade[] {
  const random = createRandom(seed);
  let at = from;
  return Array.from({ length: count }, (_, index) => {
    at += [0, 1, random(1_000), random(90_000), random(90_000), random(2_000_000)][random(6)] ?? 0;
    const width = widths[random(widths.length)] ?? 1;
    if (random(4) === 0 && width < 10_000_000) at = Math.max(at, Math.ceil(at / width) * width - random(2));
    if (index % 97 === 0) at = Math.ceil(at / candleWidths['1d']) * candleWidths['1d'];
    const [ticks, lots] = [9_000_000n + BigInt(random(2_000_000)), 1n + BigInt(random(50_000))];
    const price = formatDecimal(ticks, 2);
    return {
      seq: seq + index + 1,
      price,
      quantity: formatDecimal(lots, 4),
      quote: formatDecimal(ticks * lots, 6),
      at: new Date(at),
    };
  });
}

/** Commits trades as a matcher does: with the market's state, in one transaction. */
export async function commitTrades(db: Database, trades: readonly MadeTrade[], market = symbol): Promise<void> {
  const idAt = (at: Date): string => createIds(() => at)();
  const now = createIds(() => new Date());
  const orders = { buyer: now(), seller: now(), buyerUser: now(), sellerUser: now(), market };
  const rows = trades.map((trade) => ({ ...trade, id: idAt(trade.at) }));
  await db.tx(async (tx) => {
    await tx.none(insertOrders, orders);
    await tx.none(insertTrades, { ...orders, rows: JSON.stringify(rows) });
    await tx.none('UPDATE trading.market_state SET trade_seq = $1 WHERE symbol = $2', [trades.at(-1)?.seq, market]);
  });
}

const insertOrders = `
  INSERT INTO trading.orders (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price, post_only,
      self_trade_prevention, status, filled_quantity, reserve_price, reserved_amount, maker_bps, taker_bps, created_at,
      updated_at)
  SELECT id, user_id, $<market>, side::trading.order_side_enum, 'LIMIT', 'GTC', 1, 100, false, 'EXPIRE_TAKER',
         'FILLED', 1, CASE WHEN side = 'BUY' THEN 100 END, 1, 0, 0, now(), now()
    FROM (VALUES ($<buyer>::uuid, $<buyerUser>::uuid, 'BUY'), ($<seller>, $<sellerUser>, 'SELL'))
         AS made (id, user_id, side)`;

const insertTrades = `
  INSERT INTO trading.trades (trade_id, symbol, trade_seq, buyer_order_id, seller_order_id, buyer_user_id,
      seller_user_id, price, quantity, base_amount, quote_amount, buyer_fee, seller_fee, buyer_release, is_buyer_maker,
      executed_at)
  SELECT id, $<market>, seq, $<buyer>, $<seller>, $<buyerUser>, $<sellerUser>, price, quantity, quantity, quote,
         0, 0, 0, false, at
    FROM json_to_recordset($<rows>::json)
         AS trade (id uuid, seq bigint, price numeric, quantity numeric, quote numeric, at timestamptz)`;

const add = (a: string, b: string): string => formatDecimal(parseDecimal(a, 18) + parseDecimal(b, 18), 18);
const pick = (a: string, b: string, better: 'more' | 'less'): string =>
  parseDecimal(a, 18) > parseDecimal(b, 18) === (better === 'more') ? a : b;

/** The candles of trades that are given in order, recomputed one trade after the other. */
export function naiveCandles(trades: readonly MadeTrade[], interval: CandleInterval): readonly PublicCandle[] {
  const found = new Map<number, PublicCandle>();
  for (const { seq, price, quantity, quote, at } of trades) {
    const start = at.getTime() - (at.getTime() % candleWidths[interval]);
    const before = found.get(start);
    found.set(start, {
      start: new Date(start).toISOString(),
      open: before?.open ?? price,
      high: pick(before?.high ?? price, price, 'more'),
      low: pick(before?.low ?? price, price, 'less'),
      close: price,
      volume: add(before?.volume ?? '0', quantity),
      quote_volume: add(before?.quote_volume ?? '0', quote),
      trades: (before?.trades ?? 0) + 1,
      last_trade_seq: seq,
    });
  }
  return [...found.values()];
}
