import type { ExecutionContext } from 'ava';
import {
  createPartitionKeeping,
  type PartitionDeps,
  type PartitionRound,
} from '../../../services/operations/partitions.ts';
import { silentLogger } from '../../../platform/log.ts';
import type { Database } from '../../../storage/db.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { newId, seedMarket, symbol } from '../matcher/market.ts';

export interface Kit {
  readonly db: Database;
  readonly users: readonly [string, string];
  /** What was logged as an error. */
  readonly errors: readonly string[];
  /** A round of the maintenance as if it were that time. */
  keep(at: string, options?: Partial<PartitionDeps>): Promise<PartitionRound>;
  /** Stores an order whose id is the first of that time, or else the last. */
  addOrder(at: string, options?: { readonly last?: boolean; readonly status?: string }): Promise<string>;
  /** Stores a trade of two orders. */
  addTrade(at: string, buyer: string, seller: string, seq: number): Promise<string>;
  /** The partition that a row lies in. */
  partOf(table: string, id: string): Promise<string>;
}

export const years = (count: number): number => count * 365 * 86_400_000;

/** A database with one market, and rows of any time in it. */
export async function prepare(t: ExecutionContext): Promise<Kit> {
  const { db, drop } = await createTestDatabase();
  t.teardown(drop);
  const users = [newId(), newId()] as const;
  await seedMarket(db, users);
  const errors: string[] = [];
  const log = { ...silentLogger, error: (_fields: object, message: string) => void errors.push(message) };
  return {
    db,
    users,
    errors,
    keep: (at, options = {}) =>
      createPartitionKeeping({ db, log, clock: () => new Date(at), keepMs: years(100), ...options })(),
    async addOrder(at, { last = false, status = 'FILLED' } = {}) {
      const { order_id } = await db.one<{ order_id: string }>(
        `INSERT INTO trading.orders (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price,
           reserved_amount, maker_bps, taker_bps, post_only, self_trade_prevention, status, created_at, updated_at)
         VALUES (
           CASE WHEN $1 THEN overlay(partitions.first_id_at($2)::text placing 'fff-bfff-ffffffffffff' from 16)::uuid
                ELSE partitions.first_id_at($2) END,
           $3, $4, 'SELL', 'LIMIT', 'GTC', 1, 100, 1, 10, 20, false, 'EXPIRE_TAKER', $5, $2, $2)
         RETURNING order_id`,
        [last, at, users[0], symbol, status],
      );
      return order_id;
    },
    async addTrade(at, buyer, seller, seq) {
      const { trade_id } = await db.one<{ trade_id: string }>(
        `INSERT INTO trading.trades (trade_id, symbol, trade_seq, buyer_order_id, seller_order_id, buyer_user_id,
           seller_user_id, price, quantity, base_amount, quote_amount, buyer_fee, seller_fee, buyer_release,
           is_buyer_maker, executed_at)
         VALUES (partitions.first_id_at($1), $2, $3, $4, $5, $6, $7, 100, 1, 1, 100, 0, 0, 0, false, $1)
         RETURNING trade_id`,
        [at, symbol, seq, buyer, seller, ...users],
      );
      return trade_id;
    },
    async partOf(table, id) {
      const key = { orders: 'order_id', trades: 'trade_id' }[table];
      const row = await db.one<{ part: string }>(
        'SELECT tableoid::regclass::text AS part FROM trading.$1:name WHERE $2:name = $3',
        [table, key, id],
      );
      return row.part;
    },
  };
}
