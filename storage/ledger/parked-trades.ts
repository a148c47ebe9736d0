import { type CommittedTrade, legId, legs } from '../../domain/ledger/ledger.ts';
import type { ParkedTradeState } from '../../domain/ledger/parked-trade.ts';
import type { Db } from '../db.ts';
import { translateDbError } from '../db-errors.ts';
import { sqlFile } from '../sql.ts';

/** A trade that settlement set aside. */
export interface ParkedTrade {
  readonly tradeId: string;
  readonly symbol: string;
  readonly tradeSeq: number;
  /** The rule it broke when it was last tried. */
  readonly reason: string;
  readonly state: ParkedTradeState;
  readonly parkedAt: Date;
  readonly endedAt: Date | undefined;
}

interface ParkedRow {
  readonly trade_id: string;
  readonly symbol: string;
  readonly trade_seq: string;
  readonly reason: string;
  readonly state: ParkedTradeState;
  readonly parked_at: Date;
  readonly ended_at: Date | null;
}

const sql = {
  park: sqlFile('park-trade.sql', import.meta.url),
  find: sqlFile('find-parked.sql', import.meta.url),
  list: sqlFile('list-parked.sql', import.meta.url),
  lock: sqlFile('lock-parked.sql', import.meta.url),
  keep: sqlFile('keep-parked.sql', import.meta.url),
  end: sqlFile('end-parked.sql', import.meta.url),
  bust: sqlFile('bust-trade.sql', import.meta.url),
};

/** Sets a trade aside that cannot be settled. */
export async function parkTrade(tx: Db, trade: CommittedTrade, reason: string, at: Date): Promise<void> {
  await tx.none(sql.park, { ...trade, reason, at });
}

/** A trade that was parked once; undefined for any other. */
export async function findParkedTrade(db: Db, tradeId: string): Promise<ParkedTrade | undefined> {
  return toParked(await db.oneOrNone<ParkedRow>(sql.find, { tradeId }));
}

/** The ids of the trades that wait for a person. */
export async function listParkedTrades(db: Db): Promise<readonly string[]> {
  return (await db.manyOrNone<{ trade_id: string }>(sql.list)).map(({ trade_id }) => trade_id);
}

/** The same, locked until the transaction ends. */
export async function lockParkedTrade(tx: Db, tradeId: string): Promise<ParkedTrade | undefined> {
  return toParked(await tx.oneOrNone<ParkedRow>(sql.lock, { tradeId }));
}

/** Keeps why a parked trade could not be settled again. */
export async function keepParkReason(db: Db, tradeId: string, reason: string): Promise<void> {
  await db.none(sql.keep, { tradeId, reason });
}

/** Ends a trade's parking; false when it had ended. */
export async function endParking(
  tx: Db,
  end: { readonly tradeId: string; readonly state: Exclude<ParkedTradeState, 'parked'>; readonly at: Date },
): Promise<boolean> {
  return (await tx.oneOrNone(sql.end, end)) !== null;
}

/**
 * Gives both sides of a trade what they had reserved for it. Throws RELEASE_EXCEEDS_RESERVATION or
 * RESERVATION_NOT_FOUND when a side has not, and then moves nothing.
 */
export async function releaseBusted(tx: Db, trade: CommittedTrade, at: Date): Promise<void> {
  const transferIds = [legs.bustBuy, legs.bustSell].map((leg) => legId(trade.tradeId, leg));
  await tx.one(sql.bust, { ...trade, transferIds, at }).catch(translateDbError);
}

function toParked(row: ParkedRow | null): ParkedTrade | undefined {
  if (row === null) return undefined;
  return {
    tradeId: row.trade_id,
    symbol: row.symbol,
    tradeSeq: Number(row.trade_seq),
    reason: row.reason,
    state: row.state,
    parkedAt: row.parked_at,
    endedAt: row.ended_at ?? undefined,
  };
}
