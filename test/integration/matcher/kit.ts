import type { ExecutionContext } from 'ava';
import { commandField, type OrderAmend, type PlacedOrder, writeCommand } from '../../../domain/trading/command.ts';
import { silentLogger } from '../../../platform/log.ts';
import { openRedis } from '../../../platform/redis.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { type Matcher, type MatcherDeps, startMatcher } from '../../../matcher/matcher.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { createTestRedis, type TestRedis } from '../../_support/redis.ts';
import { until } from '../../_support/until.ts';
import { newId, seedMarket, stream, symbol } from './market.ts';
import type { AmendWish } from '../../matcher/engine/commands.ts';
import { type AmendOptions, sendAmend } from './amends.ts';
import { orderOf, sendOrders, storeOrders, type Wish } from './wishes.ts';

export interface OrderNow {
  readonly order_id: string;
  readonly status: string;
  readonly filled_quantity: string;
  readonly prevented_quantity: string;
  readonly reason: string | null;
  readonly fees: string;
  readonly triggered_at: Date | null;
}

export interface Kit {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly users: readonly string[];
  /** Commits orders PENDING with their reservations, as the order batcher does. */
  store(wishes: readonly Wish[]): Promise<readonly PlacedOrder[]>;
  /** Sends them to the matcher. */
  send(orders: readonly PlacedOrder[]): Promise<void>;
  place(wishes: readonly Wish[]): Promise<readonly PlacedOrder[]>;
  /** Commits a cancel, and sends it unless told otherwise. */
  cancel(orderId: string, userId: string, sent?: boolean): Promise<string>;
  /** Commits an amend of an order as it is known to be, and sends it unless told otherwise. */
  amend(order: PlacedOrder, wish: Partial<AmendWish>, given?: AmendOptions): Promise<OrderAmend>;
  orders(ids: readonly string[]): Promise<readonly OrderNow[]>;
  outcome(commandId: string): Promise<string | null>;
  start(options?: Partial<MatcherDeps>): Matcher;
  /** Waits until no order is PENDING and no command without outcome. */
  settled(ms?: number): Promise<void>;
}

/** A database with one market and rich users, a Redis of its own, and what the doors do to them. */
export async function prepare(t: ExecutionContext, userCount = 8): Promise<Kit> {
  const database = await createTestDatabase();
  const redis = await createTestRedis();
  const matchers: { stop: () => Promise<void> }[] = [];
  t.teardown(async () => {
    for (const { stop } of matchers) await stop();
    await redis.drop();
    await database.drop();
  });
  const users = Array.from({ length: userCount }, () => newId());
  await seedMarket(database.db, users);
  const { db } = database;

  const kit: Kit = {
    database,
    redis,
    users,
    async store(wishes) {
      const orders = wishes.map((wish) => orderOf(wish, users));
      await storeOrders(db, orders);
      return orders;
    },
    send: (orders) => sendOrders(redis.redis, orders),
    async place(wishes) {
      const orders = await kit.store(wishes);
      await kit.send(orders);
      return orders;
    },
    async cancel(orderId, userId, sent = true) {
      const commandId = newId();
      await db.none(
        `INSERT INTO trading.commands (command_id, symbol, kind, user_id, order_id, created_at)
         VALUES ($1, $2, 'CANCEL', $3, $4, now())`,
        [commandId, symbol, userId, orderId],
      );
      const text = writeCommand({ kind: 'CANCEL', commandId, orderId, userId });
      if (sent) await redis.redis.xadd(stream, '*', commandField, text);
      return commandId;
    },
    amend: (order, wish, given) => sendAmend({ db, redis: redis.redis }, order, wish, given),
    orders: (ids) =>
      db.manyOrNone<OrderNow>(
        `SELECT order_id, status, reason, triggered_at, trim_scale(fees)::text AS fees,
                trim_scale(filled_quantity)::text AS filled_quantity,
                trim_scale(prevented_quantity)::text AS prevented_quantity
           FROM trading.orders JOIN unnest($1::uuid[]) WITH ORDINALITY AS wanted (order_id, position) USING (order_id)
          ORDER BY position`,
        [ids],
      ),
    async outcome(commandId) {
      const text = 'SELECT outcome FROM trading.commands WHERE command_id = $1';
      return (await db.one<{ outcome: string | null }>(text, [commandId])).outcome;
    },
    start(options = {}) {
      const started = openMatcher(database, redis, { onEnd: (reason) => t.log(reason.message), ...options });
      matchers.push(started);
      return started.matcher;
    },
    settled: (ms = 20_000) =>
      until(async () => {
        const { open } = await db.one<{ open: number }>(
          `SELECT (SELECT count(*) FROM trading.orders WHERE status = 'PENDING')::int
                + (SELECT count(*) FROM trading.commands WHERE outcome IS NULL)::int AS open`,
        );
        return open === 0;
      }, ms),
  };
  return kit;
}

/** A matcher inside this process, with connections of its own. */
export function openMatcher(
  { db }: Pick<TestDatabase, 'db'>,
  { url }: Pick<TestRedis, 'url'>,
  options: Partial<MatcherDeps> = {},
): { readonly matcher: Matcher; readonly stop: () => Promise<void> } {
  const log = options.log ?? silentLogger;
  const redis = openRedis(url, log);
  const blocking = openRedis(url, log, { blocking: true });
  const matcher = startMatcher({
    db,
    redis,
    blocking,
    log,
    metrics: createMetrics(),
    matcherId: newId(),
    symbols: [],
    now: Date.now,
    signalWithStart: async () => undefined,
    onEnd: () => undefined,
    ...options,
  });
  return {
    matcher,
    stop: async () => {
      await matcher.stop();
      redis.disconnect();
      blocking.disconnect();
    },
  };
}
