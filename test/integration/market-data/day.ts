import type { ExecutionContext } from 'ava';
import type { PlacedOrder, TradingCommand } from '../../../domain/trading/command.ts';
import { createFollowers } from '../../../matcher/followers.ts';
import { arrivalOf } from '../../../matcher/intake.ts';
import { startMatching } from '../../../matcher/matching.ts';
import { createMatcherMetrics } from '../../../matcher/metrics.ts';
import { loadMarket } from '../../../matcher/recovery.ts';
import { createIds } from '../../../platform/ids.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { type MarketDataFeeds, startMarketData } from '../../../services/market-data/market-data.ts';
import type { Database } from '../../../storage/db.ts';
import { claimMarkets } from '../../../storage/trading/matching-leases.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { createTestRedis } from '../../_support/redis.ts';
import { until } from '../../_support/until.ts';
import { newId, seedMarket, symbol } from '../matcher/market.ts';
import { orderOf, storeOrders, type Wish } from '../matcher/wishes.ts';
import type { Market } from '../../../matcher/market.ts';
import type { MadeTrade } from './trades.ts';

/** A market with the matcher's own parts and the feeds, all by a clock that the test sets. */
export interface Day {
  readonly db: Database;
  readonly book: Market['book'];
  readonly feeds: MarketDataFeeds;
  /** Milliseconds since 1970; the market's time never runs back. */
  setClock(now: number): void;
  /** Orders made now, committed and matched with the cancels, in the order given; waits until all are committed. */
  trade(wishes: readonly Wish[], cancels: readonly PlacedOrder[]): Promise<readonly PlacedOrder[]>;
  /** Every trade that the matcher committed, as PostgreSQL has it. */
  trades(): Promise<readonly MadeTrade[]>;
}

/** Opens a market for its first orders at `from`, with users that have plenty. */
export async function openDay(t: ExecutionContext, from: number, userCount = 12): Promise<Day> {
  const [{ db, drop }, { redis, drop: dropRedis }] = await Promise.all([createTestDatabase(), createTestRedis()]);
  const users = Array.from({ length: userCount }, () => newId());
  await seedMarket(db, users);
  let clock = from;
  const now = (): number => clock;
  const metrics = createMatcherMetrics(createMetrics());
  const common = { db, redis, log: silentLogger, metrics, now };
  const [lease] = await claimMarkets(db, { matcherId: newId(), symbols: [symbol], except: [], ttlMs: 600_000 });
  const market = await loadMarket(db, lease!, now);
  const followers = createFollowers({ ...common, market: () => market, signalWithStart: async () => undefined });
  const matching = startMatching({
    ...common,
    reload: async () => undefined,
    onCommitted: (batch, streamId) => followers.committed(batch, streamId),
  });
  matching.add(market);
  followers.follow(market);
  const feeds = startMarketData({ db, redis, log: silentLogger, clock: () => new Date(clock) });
  t.teardown(async () => {
    await matching.stop();
    await Promise.all([followers.stop(), feeds.stop()]);
    await Promise.all([drop(), dropRedis()]);
  });

  const idNow = createIds(() => new Date(clock));
  const make = (wish: Wish): PlacedOrder => ({ ...orderOf(wish, users), orderId: idNow(), createdAt: clock });

  async function cancelOf({ orderId, userId }: PlacedOrder): Promise<TradingCommand> {
    const commandId = idNow();
    await db.none(addCancel, { commandId, symbol, userId, orderId });
    return { kind: 'CANCEL', commandId, orderId, userId };
  }

  return {
    db,
    book: market.book,
    feeds,
    setClock(to) {
      clock = Math.max(clock, to);
    },
    async trade(wishes, cancels) {
      const orders = wishes.map(make);
      await storeOrders(db, orders);
      const cancelling = await Promise.all(cancels.map(cancelOf));
      const placing = orders.map((order): TradingCommand => ({ kind: 'PLACE', order }));
      matching.take([...placing, ...cancelling].map((command) => arrivalOf(symbol, command)));
      await until(async () => (await db.one<{ open: number }>(countOpen)).open === 0, 10_000);
      return orders;
    },
    trades: () => db.manyOrNone<MadeTrade>(listTrades),
  };
}

const addCancel = `
  INSERT INTO trading.commands (command_id, symbol, kind, user_id, order_id, created_at)
  VALUES ($<commandId>, $<symbol>, 'CANCEL', $<userId>, $<orderId>, now())`;

const countOpen = `
  SELECT (SELECT count(*) FROM trading.orders WHERE status = 'PENDING')::int
       + (SELECT count(*) FROM trading.commands WHERE outcome IS NULL)::int AS open`;

const listTrades = `
  SELECT trade_seq::int AS seq, trim_scale(price)::text AS price, trim_scale(quantity)::text AS quantity,
         trim_scale(quote_amount)::text AS quote, executed_at AS at
    FROM trading.trades ORDER BY trade_seq`;
