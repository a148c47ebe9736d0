import {
  type CancelAllReason,
  type PlacedOrder,
  readCommand,
  type TradingCommand,
} from '../../domain/trading/command.ts';
import type { MarketStatus } from '../../domain/trading/market.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  orderStates: sqlFile('matching-order-states.sql', import.meta.url),
  findOrders: sqlFile('matching-find-orders.sql', import.meta.url),
  findLegs: sqlFile('matching-find-legs.sql', import.meta.url),
  doneCommands: sqlFile('matching-done-commands.sql', import.meta.url),
  waitingOrders: sqlFile('matching-waiting-orders.sql', import.meta.url),
  waitingCommands: sqlFile('matching-waiting-commands.sql', import.meta.url),
  findCommands: sqlFile('matching-find-commands.sql', import.meta.url),
};

/** An order as a command, in whole ticks and lots. */
export interface MatchingOrder extends PlacedOrder {
  readonly symbol: string;
  readonly isPending: boolean;
}

export interface OrderState {
  readonly orderId: string;
  readonly userId: string;
  readonly isPending: boolean;
}

export interface PlacedRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly side: PlacedOrder['side'];
  readonly order_type: PlacedOrder['orderType'];
  readonly time_in_force: PlacedOrder['timeInForce'];
  readonly post_only: boolean;
  readonly self_trade_prevention: PlacedOrder['selfTradePrevention'];
  readonly maker_bps: number;
  readonly taker_bps: number;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly lots: string;
  readonly limit_ticks: string;
  readonly stop_ticks: string;
  readonly reserve_ticks: string;
  readonly budget: string;
  readonly order_list_id: string | null;
  readonly steps_version: string;
}

interface OrderRow extends PlacedRow {
  readonly symbol: string;
  readonly is_pending: boolean;
}

/** A row's counts arrive as text and are below 2^53 by the market's rules. */
export const readPlacedOrder = (row: PlacedRow): PlacedOrder => ({
  orderId: row.order_id,
  userId: row.user_id,
  side: row.side,
  orderType: row.order_type,
  timeInForce: row.time_in_force,
  postOnly: row.post_only,
  selfTradePrevention: row.self_trade_prevention,
  lots: Number(row.lots),
  limitTicks: Number(row.limit_ticks),
  stopTicks: Number(row.stop_ticks),
  reserveTicks: Number(row.reserve_ticks),
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at?.getTime() ?? 0,
  makerBps: row.maker_bps,
  takerBps: row.taker_bps,
  budget: Number(row.budget),
  stepsVersion: Number(row.steps_version),
  ...(row.order_list_id === null ? {} : { orderListId: row.order_list_id }),
});

/** Orders by id, and with a leg of an order list the other one; unknown ones are left out. */
export async function findOrders(db: Db, ids: readonly string[]): Promise<readonly MatchingOrder[]> {
  const found = await db.manyOrNone<OrderRow>(sql.findOrders, { ids });
  const lists = found.flatMap((row) => row.order_list_id ?? []);
  const rows =
    lists.length === 0 ? found : await db.manyOrNone<OrderRow>(sql.findOrders, { ids: await withLegs(db, ids, lists) });
  return rows.map((row) => ({
    ...readPlacedOrder(row),
    symbol: row.symbol,
    isPending: row.is_pending,
  }));
}

async function withLegs(db: Db, ids: readonly string[], listIds: readonly string[]): Promise<readonly string[]> {
  const legs = await db.manyOrNone<{ order_id: string }>(sql.findLegs, { listIds });
  return [...new Set([...ids, ...legs.map((row) => row.order_id)])];
}

/** Owner and state of orders; unknown ones are left out. */
export async function findOrderStates(db: Db, ids: readonly string[]): Promise<readonly OrderState[]> {
  const rows = await db.manyOrNone<{ order_id: string; user_id: string; is_pending: boolean }>(sql.orderStates, {
    ids,
  });
  return rows.map((row) => ({ orderId: row.order_id, userId: row.user_id, isPending: row.is_pending }));
}

/** Those of these commands that have their outcome. */
export async function findDoneCommands(db: Db, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ command_id: string }>(sql.doneCommands, { ids });
  return rows.map((row) => row.command_id);
}

export interface WaitingIds {
  readonly orders: readonly string[];
  readonly commands: readonly string[];
}

/** What was committed for a market before `before` and has not been taken in, at most `limit` of each. */
export async function listWaiting(db: Db, symbol: string, before: Date, limit: number): Promise<WaitingIds> {
  const which = { symbol, before, limit };
  const orders = await db.manyOrNone<{ order_id: string }>(sql.waitingOrders, which);
  const commands = await db.manyOrNone<{ command_id: string }>(sql.waitingCommands, which);
  return { orders: orders.map((row) => row.order_id), commands: commands.map((row) => row.command_id) };
}

interface CommandRow {
  readonly command_id: string;
  readonly kind: Exclude<TradingCommand['kind'], 'PLACE' | 'PLACE_LIST' | 'TELL_ENDS'>;
  readonly user_id: string | null;
  readonly order_id: string | null;
  readonly reason: CancelAllReason | null;
  /** Of an AMEND: the command as it was sent. */
  readonly content: string | null;
  readonly created_at: Date;
  /** Of a MARKET, as what follows. */
  readonly market_version: string | null;
  readonly steps_version: string;
  readonly tick_size: string;
  readonly lot_size: string;
  readonly status: MarketStatus;
  readonly min_ticks: string;
  readonly max_ticks: string;
  readonly min_lots: string;
  readonly max_lots: string;
}

/** Those of these commands that still have no outcome, oldest first. */
export async function findWaitingCommands(db: Db, ids: readonly string[]): Promise<readonly TradingCommand[]> {
  return (await db.manyOrNone<CommandRow>(sql.findCommands, { ids })).map(toCommand);
}

/** The table's checks say which kind has an order, a user, and a version of the market. */
function toCommand({ kind, ...row }: CommandRow): TradingCommand {
  const commandId = row.command_id;
  const userId = row.user_id ?? '';
  switch (kind) {
    case 'AMEND':
      return readCommand(row.content ?? '');
    case 'CANCEL':
      return { kind, commandId, orderId: row.order_id ?? '', userId };
    case 'CANCEL_ALL':
      return { kind, commandId, userId, createdAt: row.created_at.getTime(), reason: row.reason ?? 'CANCEL_ALL' };
    case 'EXPIRE':
      return { kind, commandId };
    case 'MARKET': {
      const limits = {
        status: row.status,
        minTicks: Number(row.min_ticks),
        maxTicks: Number(row.max_ticks),
        minLots: Number(row.min_lots),
        maxLots: Number(row.max_lots),
      };
      const version = Number(row.steps_version);
      const steps = version === 1 ? {} : { steps: { version, tickSize: row.tick_size, lotSize: row.lot_size } };
      return { kind, commandId, version: Number(row.market_version), limits, ...steps };
    }
  }
}
