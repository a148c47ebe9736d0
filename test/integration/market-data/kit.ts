import type { Redis } from 'ioredis';
import {
  type LevelChange,
  type MarketBatch,
  marketField,
  marketStream,
  type PublicTrade,
} from '../../../domain/trading/feed.ts';
import { type Clock, systemClock } from '../../../platform/clock.ts';
import { createIds, type NewId } from '../../../platform/ids.ts';
import { silentLogger } from '../../../platform/log.ts';
import { type MarketDataFeeds, startMarketData } from '../../../services/market-data/market-data.ts';
import type { Database } from '../../../storage/db.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { createTestRedis } from '../../_support/redis.ts';

export const symbol = 'BTC/USDT';

/** A market whose batches a test commits and publishes itself, as a matcher would. */
export interface Market {
  readonly db: Database;
  readonly redis: Redis;
  readonly newId: NewId;
  readonly bookSeq: number;
  /** What rests at each price, by side and price. */
  readonly levels: ReadonlyMap<string, LevelChange>;
  /** Commits a batch: these levels, and `trades` trades. Answers its stream entry, which is not published yet. */
  commit(changes: readonly LevelChange[], trades?: number): Promise<MarketBatch>;
  publish(entry: object): Promise<void>;
  /** A process that follows the market; closed with it. */
  open(clock?: Clock): Promise<MarketDataFeeds>;
  close(): Promise<void>;
}

/** A market over a database and a Redis of its own. `close` it at the end. */
export async function createMarket(): Promise<Market> {
  const [{ db, drop }, { redis, drop: dropRedis }] = await Promise.all([createTestDatabase(), createTestRedis()]);
  await seedMarket(db);
  const newId = createIds(() => new Date());
  const levels = new Map<string, LevelChange>();
  const opened: MarketDataFeeds[] = [];
  let [bookSeq, tradeSeq] = [0, 0];

  async function commit(changes: readonly LevelChange[], trades = 0): Promise<MarketBatch> {
    const first = bookSeq + 1;
    const made: PublicTrade[] = [];
    await db.tx(async (tx) => {
      for (const change of changes) await setLevel(tx, newId, change);
      for (let count = 0; count < trades; count += 1) {
        tradeSeq += 1;
        made.push(await addTrade(tx, newId, tradeSeq));
      }
      bookSeq += changes.length;
      await tx.none('UPDATE trading.market_state SET book_seq = $1, trade_seq = $2', [bookSeq, tradeSeq]);
    });
    for (const change of changes) levels.set(`${change[0]}${change[1]}`, change);
    return { first_sequence: first, last_sequence: bookSeq, changes, trades: made };
  }

  return {
    db,
    redis,
    newId,
    get bookSeq() {
      return bookSeq;
    },
    levels,
    commit,
    async publish(entry) {
      await redis.xadd(marketStream(symbol), '*', marketField, JSON.stringify(entry));
    },
    async open(clock = systemClock) {
      const feeds = startMarketData({ db, redis, log: silentLogger, clock });
      opened.push(feeds);
      for (;;) {
        try {
          feeds.followDepth(symbol, () => undefined)();
          return feeds;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    },
    async close() {
      await Promise.all(opened.map((feeds) => feeds.stop()));
      await Promise.all([drop(), dropRedis()]);
    },
  };
}

/** Makes the market in an empty database. */
export const seedMarket = (db: Database): Promise<null> => db.none(seed);

type Tx = Pick<Database, 'none'>;

/** Makes the level's one open order what the change says. */
async function setLevel(tx: Tx, newId: NewId, [side, price, quantity]: LevelChange): Promise<void> {
  await tx.none("DELETE FROM trading.orders WHERE status = 'OPEN' AND side = $1 AND price = $2::numeric", [
    side,
    price,
  ]);
  if (quantity !== '0') await tx.none(rest, { id: newId(), user: newId(), side, price, quantity });
}

/** A trade, and the two filled orders it is of. */
async function addTrade(tx: Tx, newId: NewId, tradeSeq: number): Promise<PublicTrade> {
  const [buyer, seller, id] = [newId(), newId(), newId()];
  for (const [order, side] of [
    [buyer, 'BUY'],
    [seller, 'SELL'],
  ] as const) {
    await tx.none(filled, { id: order, user: newId(), side });
  }
  const at = new Date();
  await tx.none(insertTrade, { id, tradeSeq, buyer, seller, buyerUser: newId(), sellerUser: newId(), at });
  const amounts = { price: '100', quantity: '1', quote_amount: '100' };
  return { trade_id: id, trade_seq: tradeSeq, ...amounts, taker_side: 'BUY', executed_at: at.toISOString() };
}

const seed = `
  INSERT INTO ledger.assets (asset, scale, name) VALUES ('BTC', 8, 'Bitcoin'), ('USDT', 6, 'Tether')
      ON CONFLICT DO NOTHING;
  INSERT INTO trading.markets (symbol, base, quote, tick_size, lot_size, min_price, max_price, min_quantity,
      max_quantity, min_notional, collar_percent, price_band_percent, maker_fee_bps, taker_fee_bps, initial_price,
      status, created_at, updated_at)
  VALUES ('BTC/USDT', 'BTC', 'USDT', 0.01, 0.0001, 0.01, 1000000, 0.0001, 1000, 1, 5, 50, 10, 20, 100, 'ACTIVE',
      now(), now()) ON CONFLICT DO NOTHING;
  INSERT INTO trading.market_state (symbol) VALUES ('BTC/USDT') ON CONFLICT DO NOTHING;`;

const rest = `
  INSERT INTO trading.orders (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price, post_only,
      self_trade_prevention, status, reserve_price, reserved_amount, maker_bps, taker_bps, created_at, updated_at)
  VALUES ($<id>, $<user>, 'BTC/USDT', $<side>, 'LIMIT', 'GTC', $<quantity>, $<price>, false, 'EXPIRE_TAKER', 'OPEN',
      CASE WHEN $<side> = 'BUY' THEN $<price>::numeric END, 1, 0, 0, now(), now())`;

const filled = `
  INSERT INTO trading.orders (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price, post_only,
      self_trade_prevention, status, filled_quantity, reserve_price, reserved_amount, maker_bps, taker_bps, created_at,
      updated_at)
  VALUES ($<id>, $<user>, 'BTC/USDT', $<side>, 'LIMIT', 'GTC', 1, 100, false, 'EXPIRE_TAKER', 'FILLED', 1,
      CASE WHEN $<side> = 'BUY' THEN 100 END, 1, 0, 0, now(), now())`;

const insertTrade = `
  INSERT INTO trading.trades (trade_id, symbol, trade_seq, buyer_order_id, seller_order_id, buyer_user_id,
      seller_user_id, price, quantity, base_amount, quote_amount, buyer_fee, seller_fee, buyer_release, is_buyer_maker,
      executed_at)
  VALUES ($<id>, 'BTC/USDT', $<tradeSeq>, $<buyer>, $<seller>, $<buyerUser>, $<sellerUser>, 100, 1, 1, 100, 0, 0, 0,
      false, $<at>)`;
