import { legId, legs, type TransferKind } from '../../domain/ledger/ledger.ts';
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

/** A transfer that other ones do not join. */
export interface BrokenLink {
  readonly transferId: string;
  readonly kind: TransferKind;
  readonly asset: string;
  readonly amount: string;
  readonly journalId: string;
}

/** A transfer as it should be. */
export interface Posting {
  readonly transferId: string;
  readonly journalId: string;
  readonly asset: string;
  readonly amount: string;
}

/** What a reservation holds. */
export interface Held {
  readonly reservationId: string;
  readonly asset: string;
  readonly remaining: string;
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
  links: sqlFile('reconcile-links.sql', import.meta.url),
  reserved: sqlFile('reconcile-reserved.sql', import.meta.url),
  held: sqlFile('list-held.sql', import.meta.url),
  unposted: sqlFile('unposted-trades.sql', import.meta.url),
  otherPostings: sqlFile('other-postings.sql', import.meta.url),
};

/** The sum over all accounts, asset by asset. */
export const sumAssets = (db: Db): Promise<readonly AssetTotal[]> => db.manyOrNone<AssetTotal>(sql.assets);

/** Accounts whose balance differs from their transfers, or whose transfers do not lead from one balance to the next. */
export async function findWrongBalances(db: Db): Promise<readonly WrongBalance[]> {
  type Row = Omit<WrongBalance, 'accountId'> & { readonly account_id: string };
  const rows = await db.manyOrNone<Row>(sql.balances, { limit });
  return rows.map(({ account_id, asset, balance, moved }) => ({ accountId: account_id, asset, balance, moved }));
}

/** The transfers to blame in such accounts, as far as they can be told with certainty; see reconcile-links.sql. */
export async function findBrokenLinks(db: Db, accountIds: readonly string[]): Promise<readonly BrokenLink[]> {
  type Row = Omit<BrokenLink, 'transferId' | 'journalId'> & {
    readonly transfer_id: string;
    readonly journal_id: string;
  };
  const rows = await db.manyOrNone<Row>(sql.links, { accountIds, limit });
  return rows.map(({ transfer_id, journal_id, ...link }) => ({
    ...link,
    transferId: transfer_id,
    journalId: journal_id,
  }));
}

/** Reserved balances that differ from their reservations. */
export async function findWrongReserves(db: Db): Promise<readonly WrongReserve[]> {
  type Row = Omit<WrongReserve, 'userId'> & { readonly user_id: string };
  const rows = await db.manyOrNone<Row>(sql.reserved, { limit });
  return rows.map(({ user_id, asset, balance, held }) => ({ userId: user_id, asset, balance, held }));
}

/** What the reservations of a kind hold. */
export async function listHeld(db: Db, kind: string): Promise<readonly Held[]> {
  type Row = Omit<Held, 'reservationId'> & { readonly reservation_id: string };
  const rows = await db.manyOrNone<Row>(sql.held, { kind });
  return rows.map(({ reservation_id, asset, remaining }) => ({ reservationId: reservation_id, asset, remaining }));
}

/** Which of these trades are not posted, and whether they were parked. */
export async function findUnposted(
  db: Db,
  tradeIds: readonly string[],
): Promise<readonly { readonly tradeId: string; readonly parked: boolean }[]> {
  const transferIds = tradeIds.map((id) => legId(id, legs.tradeBuy));
  const rows = await db.manyOrNone<{ trade_id: string; parked: boolean }>(sql.unposted, { tradeIds, transferIds });
  return rows.map(({ trade_id, parked }) => ({ tradeId: trade_id, parked }));
}

/** Which of these transfers are missing or other than they should be; `amount` is undefined for a missing one. */
export async function findOtherPostings(
  db: Db,
  postings: readonly Posting[],
): Promise<readonly (Omit<Posting, 'amount'> & { readonly wanted: string; readonly amount: string | undefined })[]> {
  type Row = { transfer_id: string; journal_id: string; asset: string; wanted: string; amount: string | null };
  const rows = await db.manyOrNone<Row>(sql.otherPostings, {
    transferIds: postings.map(({ transferId }) => transferId),
    journalIds: postings.map(({ journalId }) => journalId),
    assets: postings.map(({ asset }) => asset),
    amounts: postings.map(({ amount }) => amount),
  });
  return rows.map(({ transfer_id, journal_id, asset, wanted, amount }) => ({
    transferId: transfer_id,
    journalId: journal_id,
    asset,
    wanted,
    amount: amount ?? undefined,
  }));
}
