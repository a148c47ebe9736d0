import type { ReservationKind } from '../../domain/ledger/ledger.ts';
import type { Db } from '../db.ts';
import { translateDbError } from '../db-errors.ts';
import { sqlFile } from '../sql.ts';

/** Funds to set aside. Amounts are decimal strings above zero, within the asset's scale. */
export interface NewReservation {
  /** The order's or withdrawal's id, UUIDv7: never used before. */
  readonly reservationId: string;
  readonly userId: string;
  readonly asset: string;
  readonly amount: string;
  readonly reason: string;
}

export interface Release {
  /** UUIDv7 of the transfer. */
  readonly transferId: string;
  readonly reservationId: string;
  readonly amount: string;
  readonly reason: string;
}

export interface Reservation {
  readonly reservationId: string;
  readonly kind: ReservationKind;
  readonly userId: string;
  readonly asset: string;
  readonly remaining: string;
}

export interface ReservationDraw {
  readonly reservationId: string;
  readonly userId: string;
  readonly asset: string;
  readonly amount: string;
}

interface ReservationRow {
  readonly reservation_id: string;
  readonly kind: ReservationKind;
  readonly user_id: string;
  readonly asset: string;
  readonly remaining: string;
}

const sql = {
  reserve: sqlFile('reserve.sql', import.meta.url),
  release: sqlFile('release.sql', import.meta.url),
  find: sqlFile('find-reservation.sql', import.meta.url),
  listExternal: sqlFile('list-external.sql', import.meta.url),
  draw: sqlFile('draw.sql', import.meta.url),
};

/**
 * Sets funds aside and answers which reservations got theirs: judged in the order given; one without funds takes
 * nothing. Throws IDEMPOTENCY_CONFLICT when an id is taken.
 */
export async function reserve(
  db: Db,
  kind: ReservationKind,
  wanted: readonly NewReservation[],
  at: Date,
): Promise<readonly boolean[]> {
  if (wanted.length === 0) return [];
  const columns = {
    ids: wanted.map(({ reservationId }) => reservationId),
    userIds: wanted.map(({ userId }) => userId),
    assets: wanted.map(({ asset }) => asset),
    amounts: wanted.map(({ amount }) => amount),
    reasons: wanted.map(({ reason }) => reason),
  };
  const { granted } = await db
    .one<{ granted: boolean[] }>(sql.reserve, { ...columns, kind, at })
    .catch(translateDbError);
  return granted;
}

/** Gives reserved funds back. Throws RELEASE_EXCEEDS_RESERVATION or RESERVATION_NOT_FOUND, and then moves nothing. */
export async function release(db: Db, releases: readonly Release[], at: Date): Promise<void> {
  if (releases.length === 0) return;
  const columns = {
    transferIds: releases.map(({ transferId }) => transferId),
    reservationIds: releases.map(({ reservationId }) => reservationId),
    amounts: releases.map(({ amount }) => amount),
    reasons: releases.map(({ reason }) => reason),
  };
  await db.one(sql.release, { ...columns, at }).catch(translateDbError);
}

/** Finds a reservation and locks it until the transaction ends. */
export async function lockReservation(tx: Db, reservationId: string): Promise<Reservation | undefined> {
  const row = await tx.oneOrNone<ReservationRow>(sql.find, { reservationId });
  return row === null ? undefined : toReservation(row);
}

/** What a trade between two users may draw on: their external reservations, oldest first, locked. */
export async function lockExternal(
  tx: Db,
  trade: { readonly buyerId: string; readonly sellerId: string; readonly base: string; readonly quote: string },
): Promise<readonly Reservation[]> {
  return (await tx.manyOrNone<ReservationRow>(sql.listExternal, trade)).map(toReservation);
}

/** Draws on reservations for a settlement that the caller posts in the same transaction. */
export async function drawReservations(tx: Db, draws: readonly ReservationDraw[]): Promise<void> {
  await tx
    .one(sql.draw, {
      ids: draws.map(({ reservationId }) => reservationId),
      userIds: draws.map(({ userId }) => userId),
      assets: draws.map(({ asset }) => asset),
      amounts: draws.map(({ amount }) => amount),
    })
    .catch(translateDbError);
}

const toReservation = (row: ReservationRow): Reservation => ({
  reservationId: row.reservation_id,
  kind: row.kind,
  userId: row.user_id,
  asset: row.asset,
  remaining: row.remaining,
});
