import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  orders: sqlFile('order-claims.sql', import.meta.url),
  amends: sqlFile('amend-claims.sql', import.meta.url),
};

interface ClaimRow {
  readonly reservation_id: string;
  readonly amount?: string;
}

/** What orders need of each reservation, beside what unsettled trades took. */
export const listOrderClaims = async (db: Db) => (await db.manyOrNone<ClaimRow>(sql.orders)).map(toClaim);

/** The amends that may hold funds. */
export const listAmendClaims = async (db: Db) => (await db.manyOrNone<ClaimRow>(sql.amends)).map(toClaim);

const toClaim = ({ reservation_id, amount }: ClaimRow) => ({ reservationId: reservation_id, amount });
