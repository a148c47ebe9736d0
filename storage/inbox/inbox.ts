import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  noteHandled: sqlFile('note-handled.sql', import.meta.url),
  wasHandled: sqlFile('was-handled.sql', import.meta.url),
  forget: sqlFile('forget-handled.sql', import.meta.url),
};

/** Less than it takes until a frozen consumer's entries are claimed. */
const idleMs = 5_000;

export interface Handled {
  readonly consumer: string;
  readonly eventId: string;
}

/**
 * Notes that a consumer handles an event, in the transaction of its effect, which must then not be idle for 5 s; false
 * when it was noted before.
 */
export async function noteHandled(tx: Db, { consumer, eventId }: Handled, at: Date): Promise<boolean> {
  return (await tx.oneOrNone(sql.noteHandled, { consumer, eventId, at, idleMs })) !== null;
}

/** True when a consumer has handled an event. */
export async function wasHandled(db: Db, { consumer, eventId }: Handled): Promise<boolean> {
  return (await db.oneOrNone(sql.wasHandled, { consumer, eventId })) !== null;
}

/** Forgets what was handled before an instant, at most `limit`; answers how many. */
export async function forgetHandled(db: Db, before: Date, limit: number): Promise<number> {
  return db.result(sql.forget, { before, limit }, ({ rowCount }) => rowCount);
}
