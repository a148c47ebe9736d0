import { assetsOf, type CommittedTrade, legId, legs } from '../../domain/ledger/ledger.ts';
import type { Db } from '../db.ts';
import { translateDbError } from '../db-errors.ts';
import { preparedFile, sqlFile } from '../sql.ts';

type Reservations = 'buyerReservationId' | 'sellerReservationId';

/** A trade to post; without reservations the caller has drawn on them itself. */
export type PostableTrade = Omit<
  CommittedTrade,
  'symbol' | 'tradeSeq' | 'executedAt' | 'buyerOrderId' | 'sellerOrderId' | Reservations
> &
  Partial<Pick<CommittedTrade, Reservations>>;

/** A deposit or a withdrawal as it crosses the line to the outside. */
export interface Crossing {
  /** UUIDv7 of the deposit or withdrawal. */
  readonly id: string;
  readonly amount: string;
  /** The outside it crosses to: names the clearing account. */
  readonly rail: string;
}

const sql = {
  postTrades: preparedFile('post-trades.sql', import.meta.url),
  creditDeposit: sqlFile('credit-deposit.sql', import.meta.url),
  settleWithdrawal: sqlFile('settle-withdrawal.sql', import.meta.url),
  isPosted: sqlFile('is-posted.sql', import.meta.url),
};

/**
 * Posts all legs of trades of one market, or none. Answers for how many milliseconds it held the locks of the accounts.
 * A broken constraint arrives as it is: settlement looks at it.
 */
export async function postTrades(tx: Db, symbol: string, trades: readonly PostableTrade[], at: Date): Promise<number> {
  if (trades.length === 0) return 0;
  const { locked_ms: lockedMs } = await tx.one<{ locked_ms: number }>(
    sql.postTrades({
      ...assetsOf(symbol),
      tradeIds: trades.map(({ tradeId }) => tradeId),
      buyerIds: trades.map(({ buyerUserId }) => buyerUserId),
      sellerIds: trades.map(({ sellerUserId }) => sellerUserId),
      buyerReservations: trades.map(({ buyerReservationId }) => buyerReservationId ?? null),
      sellerReservations: trades.map(({ sellerReservationId }) => sellerReservationId ?? null),
      baseAmounts: trades.map(({ baseAmount }) => baseAmount),
      quoteAmounts: trades.map(({ quoteAmount }) => quoteAmount),
      buyerFees: trades.map(({ buyerFee }) => buyerFee),
      sellerFees: trades.map(({ sellerFee }) => sellerFee),
      buyerReleases: trades.map(({ buyerRelease }) => buyerRelease),
      at,
    }),
  );
  return lockedMs;
}

/** Whether a trade's legs are in the books. */
export async function isPosted(db: Db, tradeId: string): Promise<boolean> {
  const { posted } = await db.one<{ posted: boolean }>(sql.isPosted, { transferId: legId(tradeId, legs.tradeBuy) });
  return posted;
}

/** Credits a deposit to its user. A second credit of the same id throws: the caller's state decides first. */
export async function creditDeposit(
  tx: Db,
  { id, amount, rail }: Crossing,
  { userId, asset }: { readonly userId: string; readonly asset: string },
  at: Date,
): Promise<void> {
  await tx.one(sql.creditDeposit, { depositId: id, userId, asset, amount, rail, at });
}

/**
 * Pays a withdrawal out of its reservation: `amount` to the outside, what else is reserved as the house's fee. Throws
 * RESERVATION_NOT_FOUND, or RELEASE_EXCEEDS_RESERVATION when it was paid or released before.
 */
export async function settleWithdrawal(tx: Db, { id, amount, rail }: Crossing, at: Date): Promise<void> {
  await tx.one(sql.settleWithdrawal, { withdrawalId: id, amount, rail, at }).catch(translateDbError);
}
