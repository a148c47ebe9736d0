import type { Balance, CounterAccount, TransferKind } from '../../domain/ledger/ledger.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** One movement of one account of a user. */
export interface Entry {
  readonly transferId: string;
  /** The trade, reservation, deposit, withdrawal or adjustment it belongs to. */
  readonly journalId: string;
  readonly kind: TransferKind;
  readonly reason: string;
  readonly account: 'available' | 'reserved';
  readonly counterAccount: CounterAccount;
  /** Decimal string, negative when it left the account. */
  readonly amount: string;
  readonly balanceAfter: string;
  readonly createdAt: Date;
}

interface EntryRow {
  readonly transfer_id: string;
  readonly journal_id: string;
  readonly kind: TransferKind;
  readonly reason: string;
  readonly account: Entry['account'];
  readonly counter_account: CounterAccount;
  readonly amount: string;
  readonly balance_after: string;
  readonly created_at: Date;
}

const sql = {
  balances: sqlFile('list-balances.sql', import.meta.url),
  entries: sqlFile('list-entries.sql', import.meta.url),
};

/** A user's balances, of all assets or those named; assets never held are left out. */
export const listBalances = (db: Db, userId: string, assets?: readonly string[]): Promise<readonly Balance[]> =>
  db.manyOrNone<Balance>(sql.balances, { userId, assets: assets ?? null });

export interface EntriesPage {
  readonly userId: string;
  readonly asset: string;
  /** Only older transfers than this one. */
  readonly before: string | undefined;
  /** Only those posted from then on, and until before then. */
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  readonly limit: number;
}

/** A user's movements in one asset, newest first. The two rows of one transfer can fall on both sides of a limit. */
export async function listEntries(db: Db, page: EntriesPage): Promise<readonly Entry[]> {
  const { before = null, start = null, end = null } = page;
  const rows = await db.manyOrNone<EntryRow>(sql.entries, { ...page, before, start, end });
  return rows.map((row) => ({
    transferId: row.transfer_id,
    journalId: row.journal_id,
    kind: row.kind,
    reason: row.reason,
    account: row.account,
    counterAccount: row.counter_account,
    amount: row.amount,
    balanceAfter: row.balance_after,
    createdAt: row.created_at,
  }));
}
