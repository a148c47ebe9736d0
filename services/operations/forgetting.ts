import type { Clock } from '../../platform/clock.ts';
import type { Database, Db } from '../../storage/db.ts';
import { forgetHandled } from '../../storage/inbox/inbox.ts';
import { forgetTold } from '../../storage/outbox/told.ts';

const day = 86_400_000;
/** A consumer may be away for so long, and Redis may be lost, without an event missing. */
const toldKeptMs = 7 * day;
/** Longer than events are told again. A dead letter that is replayed goes to its own consumer, which never had it. */
const handledKeptMs = 30 * day;
const atOnce = 5_000;

/** Forgets told events after a week and inboxes' rows after a month. Safe to repeat; answers how many rows went. */
export type ForgetOld = () => Promise<number>;

export function createForgetting({ db, clock }: { readonly db: Database; readonly clock: Clock }): ForgetOld {
  /** In statements that each take little. */
  async function forget(statement: (db: Db, before: Date, limit: number) => Promise<number>, keptMs: number) {
    const before = new Date(clock().getTime() - keptMs);
    let forgotten = 0;
    for (let last = atOnce; last === atOnce; forgotten += last) last = await statement(db, before, atOnce);
    return forgotten;
  }
  return async () => (await forget(forgetTold, toldKeptMs)) + (await forget(forgetHandled, handledKeptMs));
}
