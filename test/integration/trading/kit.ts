import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { commandField, commandStream, readCommand, type TradingCommand } from '../../../domain/trading/command.ts';
import type { OrderRequest } from '../../../domain/trading/placement.ts';
import { createIds } from '../../../platform/ids.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createAssetBook } from '../../../services/ledger/assets.ts';
import type { Customer } from '../../../services/trading/placing.ts';
import { createTradingService, type TradingDeps, type TradingService } from '../../../services/trading/trading.ts';
import type { Database } from '../../../storage/db.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { createTestRedis } from '../../_support/redis.ts';

export const symbol = 'BTC/USDT';

export const buy: OrderRequest = { symbol, side: 'BUY', orderType: 'LIMIT', price: '50000', quantity: '0.01' };

/** A Redis that nobody answers for. */
export function awayRedis(): Redis {
  const redis = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null });
  redis.on('error', () => undefined);
  return redis;
}

export interface Kit {
  readonly db: Database;
  readonly redis: Redis;
  readonly trading: TradingService;
  /** A process of its own, with another Redis or limit where given. */
  readonly otherProcess: (deps?: Partial<TradingDeps>) => TradingService;
  /** A verified customer with these balances. */
  readonly customer: (balances?: Readonly<Record<string, string>>) => Promise<Customer>;
  readonly deposit: (userId: string, asset: string, amount: string) => Promise<void>;
  readonly balances: (userId: string, asset: string) => Promise<{ available: string; reserved: string }>;
  readonly orders: (userId: string) => Promise<readonly { order_id: string; status: string }[]>;
  /** What was sent to the market's matcher. */
  readonly sent: (market?: string) => Promise<readonly TradingCommand[]>;
  /** Moves the clock of the services. */
  readonly advance: (ms: number) => void;
  readonly setMarket: (market: string, columns: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Trading over a database and a Redis of its own, with seeded markets that a matcher seems to serve. */
export async function createKit(): Promise<Kit> {
  const { db, drop } = await createTestDatabase();
  const { redis, drop: dropRedis } = await createTestRedis();
  let shift = 0;
  const clock = () => new Date(Date.now() + shift);
  const newId = createIds(clock);
  const deps: TradingDeps = {
    db,
    redis,
    log: silentLogger,
    clock,
    newId,
    assets: createAssetBook({ db }),
    monotonicMs: () => performance.now(),
    batchWindowMs: 2,
    batchSize: 256,
    maxQueued: 20_000,
  };
  const otherProcess = (other: Partial<TradingDeps> = {}) => createTradingService({ ...deps, ...other });
  const trading = otherProcess();
  await trading.seeding();
  await db.none(`UPDATE trading.market_state SET lease_until = 'infinity'`);
  const deposit = async (userId: string, asset: string, amount: string) => {
    await db.any(`SELECT ledger.credit_deposit($1, $2, $3, $4, 'dev', now())`, [newId(), userId, asset, amount]);
  };
  return {
    db,
    redis,
    trading,
    otherProcess,
    deposit,
    async customer(balances = { USDT: '100000' }) {
      const userId = randomUUID();
      for (const [asset, amount] of Object.entries(balances)) await deposit(userId, asset, amount);
      return { userId, kycStatus: 'verified' };
    },
    balances: (userId, asset) =>
      db.one(
        `SELECT trim_scale(max(balance) FILTER (WHERE kind = 'available'))::text AS available,
                trim_scale(max(balance) FILTER (WHERE kind = 'reserved'))::text AS reserved
           FROM ledger.accounts WHERE owner_id = $1 AND asset = $2`,
        [userId, asset],
      ),
    orders: (userId) => db.any('SELECT order_id, status FROM trading.orders WHERE user_id = $1', [userId]),
    async sent(market = symbol) {
      const entries = await redis.xrange(commandStream(market), '-', '+');
      return entries.map(([, fields]) => readCommand(fields[fields.indexOf(commandField) + 1] ?? ''));
    },
    advance: (ms) => void (shift += ms),
    async setMarket(market, columns) {
      for (const [name, value] of Object.entries(columns)) {
        const table = name in { last_price: 0, lease_until: 0 } ? 'market_state' : 'markets';
        await db.none(`UPDATE trading.${table} SET $1:name = $2 WHERE symbol = $3`, [name, value, market]);
      }
      // What processes know of markets is at most two seconds old.
      await sleep(2_100);
    },
    close: async () => {
      await dropRedis();
      await drop();
    },
  };
}
