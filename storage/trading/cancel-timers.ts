import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  set: sqlFile('set-cancel-timer.sql', import.meta.url),
  switchOff: sqlFile('switch-off-cancel-timer.sql', import.meta.url),
  list: sqlFile('list-cancel-timers.sql', import.meta.url),
  lock: sqlFile('lock-cancel-timer.sql', import.meta.url),
  keep: sqlFile('keep-cancel-timer.sql', import.meta.url),
  listOverlooked: sqlFile('list-overlooked-cancel-timers.sql', import.meta.url),
};

/** A dead man's switch that is on: unless it is set anew, its user's orders end at `cancelAt`. */
export interface CancelTimer {
  /** Undefined: every market. */
  readonly symbol: string | undefined;
  readonly seconds: number;
  readonly cancelAt: Date;
}

export interface SetTimer {
  readonly timerId: string;
  /** Its workflow is not there, or sleeps for longer than it may now. */
  readonly mustWake: boolean;
}

/** Sets a user's switch for one market or all; `timerId` (UUIDv7) is its id if there was none. */
export async function setCancelTimer(
  db: Db,
  timer: CancelTimer & { readonly timerId: string; readonly userId: string },
): Promise<SetTimer> {
  const values = { ...timer, symbol: timer.symbol ?? null };
  const row = await db.one<{ timer_id: string; must_wake: boolean }>(sql.set, values);
  return { timerId: row.timer_id, mustWake: row.must_wake };
}

/** Switches one off; one that is off already, or was never set, stays as it is. */
export async function switchOffCancelTimer(db: Db, userId: string, symbol: string | undefined): Promise<void> {
  await db.none(sql.switchOff, { userId, symbol: symbol ?? null });
}

/** A user's switches that are on. */
export async function listCancelTimers(db: Db, userId: string): Promise<readonly CancelTimer[]> {
  const rows = await db.manyOrNone<{ symbol: string | null; seconds: number; cancel_at: Date }>(sql.list, { userId });
  return rows.map(({ symbol, seconds, cancel_at }) => ({ symbol: symbol ?? undefined, seconds, cancelAt: cancel_at }));
}

export interface LockedTimer {
  readonly userId: string;
  readonly symbol: string | undefined;
  /** Undefined while it is off. */
  readonly cancelAt: Date | undefined;
  /** Undefined unless it went off by firing. */
  readonly firedAt: Date | undefined;
}

interface LockedRow {
  readonly user_id: string;
  readonly symbol: string | null;
  readonly cancel_at: Date | null;
  readonly fired_at: Date | null;
}

/** A switch, locked until the transaction ends; undefined when there is none under this id. */
export async function lockCancelTimer(db: Db, timerId: string): Promise<LockedTimer | undefined> {
  const row = await db.oneOrNone<LockedRow>(sql.lock, { timerId });
  if (row === null) return undefined;
  return {
    userId: row.user_id,
    symbol: row.symbol ?? undefined,
    cancelAt: row.cancel_at ?? undefined,
    firedAt: row.fired_at ?? undefined,
  };
}

/** Notes what came of a look at a locked switch. Its workflow looks again at `cancelAt`; without one, it ends. */
export async function keepCancelTimer(
  db: Db,
  timerId: string,
  { cancelAt, firedAt }: Pick<LockedTimer, 'cancelAt' | 'firedAt'>,
): Promise<void> {
  await db.none(sql.keep, { timerId, cancelAt: cancelAt ?? null, firedAt: firedAt ?? null });
}

/** Ids of switches that nobody looked at when it was time; `after` is the last of the page before. */
export async function listOverlookedTimers(
  db: Db,
  page: { readonly after: string | undefined; readonly createdBefore: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ timer_id: string }>(sql.listOverlooked, { ...page, after: page.after ?? null });
  return rows.map(({ timer_id }) => timer_id);
}
