import type { CancelAllReason } from '../../domain/trading/command.ts';
import type { OrderStatus } from '../../domain/trading/order.ts';
import type { Db } from '../db.ts';
import { preparedFile, sqlFile } from '../sql.ts';

const sql = {
  putCancels: preparedFile('put-cancels.sql', import.meta.url),
  putCancelAlls: sqlFile('put-cancel-alls.sql', import.meta.url),
  putExpiries: sqlFile('put-expiries.sql', import.meta.url),
  findOutcomes: preparedFile('find-outcomes.sql', import.meta.url),
};

export interface NewCancel {
  /** UUIDv7. */
  readonly commandId: string;
  readonly orderId: string;
  readonly userId: string;
}

export interface KnownOrder {
  readonly symbol: string;
  readonly status: OrderStatus;
}

/**
 * Commits cancels. Answers, by command, what order each is about; those of final orders are not kept, and those of
 * orders that are not the user's are left out.
 */
export async function putCancels(
  db: Db,
  cancels: readonly NewCancel[],
  at: Date,
): Promise<ReadonlyMap<string, KnownOrder>> {
  const statement = sql.putCancels({
    commandIds: cancels.map(({ commandId }) => commandId),
    orderIds: cancels.map(({ orderId }) => orderId),
    userIds: cancels.map(({ userId }) => userId),
    at,
  });
  const rows = await db.manyOrNone<{ command_id: string; symbol: string; status: OrderStatus }>(statement);
  return new Map(rows.map(({ command_id, symbol, status }) => [command_id, { symbol, status }]));
}

export interface NewCancelAll {
  readonly userId: string;
  /** Undefined: every market. */
  readonly symbol: string | undefined;
  /** UUIDv7, one for each market there may be. */
  readonly commandIds: readonly string[];
  readonly reason: CancelAllReason;
}

/** A command about more than one order of a market. */
export interface KeptCommand {
  readonly commandId: string;
  readonly symbol: string;
}

/** Commits the end of a user's orders: one command a market where he has any. */
export async function putCancelAlls(db: Db, cancel: NewCancelAll, at: Date): Promise<readonly KeptCommand[]> {
  const reason = cancel.reason === 'CANCEL_ALL' ? null : cancel.reason;
  const values = { ...cancel, symbol: cancel.symbol ?? null, reason, at };
  const rows = await db.manyOrNone<{ command_id: string; symbol: string }>(sql.putCancelAlls, values);
  return rows.map(({ command_id, symbol }) => ({ commandId: command_id, symbol }));
}

/**
 * Commits the end of DAY orders that are due at a time: one command for each market that has such orders in its book
 * and no such command waiting already. `commandIds` (UUIDv7): one for each market there may be.
 */
export async function putExpiries(db: Db, commandIds: readonly string[], at: Date): Promise<readonly KeptCommand[]> {
  const rows = await db.manyOrNone<{ command_id: string; symbol: string }>(sql.putExpiries, { commandIds, at });
  return rows.map(({ command_id, symbol }) => ({ commandId: command_id, symbol }));
}

/** What came of commands, by id; one that was not taken in yet is left out. */
export async function findOutcomes(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.manyOrNone<{ command_id: string; outcome: string }>(sql.findOutcomes({ ids }));
  return new Map(rows.map(({ command_id, outcome }) => [command_id, outcome]));
}
