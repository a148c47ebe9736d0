import { legId, legs } from '../../domain/ledger/ledger.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export interface AssetTotal {
  readonly asset: string;
  readonly accounts: number;
  /** The sum over all accounts: zero in sound books. */
  readonly total: string;
}

export interface WrongBalance {
  readonly accountId: string;
  readonly asset: string;
  readonly balance: string;
  /** What its transfers say. */
  readonly moved: string;
}

export interface WrongReserve {
  readonly userId: string;
  readonly asset: string;
  readonly balance: string;
  /** What its reservations hold. */
  readonly held: string;
}

/** Breaks named at most: one is bad enough, and a list of millions helps nobody. */
const limit = 100;

const sql = {
  assets: sqlFile('reconcile-assets.sql', import.meta.url),
  balances: sqlFile('reconcile-balances.sql', import.meta.url),
  reserved: sqlFile('reconcile-reserved.sql', import.meta.url),
  unposted: sqlFile('unposted-trades.sql', import.meta.url),
};

/** The sum over all accounts, asset by asset. */
export const sumAssets = (db: Db): Promise<readonly AssetTotal[]> => db.manyOrNone<AssetTotal>(sql.assets);

/** Accounts whose balance differs from their transfers. */
export async function findWrongBalances(db: Db): Promise<readonly WrongBalance[]> {
  type Row = Omit<WrongBalance, 'accountId'> & { readonly account_id: string };
  const rows = await db.manyOrNone<Row>(sql.balances, { limit });
  return rows.map(({ account_id, asset, balance, moved }) => ({ accountId: account_id, asset, balance, moved }));
}

/** Reserved balances that differ from their reservations. */
export async function findWrongReserves(db: Db): Promise<readonly WrongReserve[]> {
  type Row = Omit<WrongReserve, 'userId'> & { readonly user_id: string };
  const rows = await db.manyOrNone<Row>(sql.reserved, { limit });
  return rows.map(({ user_id, asset, balance, held }) => ({ userId: user_id, asset, balance, held }));
}

/** Which of these trades are neither posted nor set aside. */
export async function findUnposted(db: Db, tradeIds: readonly string[]): Promise<readonly string[]> {
  const transferIds = tradeIds.map((id) => legId(id, legs.tradeBuy));
  const rows = await db.manyOrNone<{ trade_id: string }>(sql.unposted, { tradeIds, transferIds });
  return rows.map((row) => row.trade_id);
}
