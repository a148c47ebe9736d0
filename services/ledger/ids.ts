import { v5 } from 'uuid';
import { isUuidV7, type NewId, timeOfId } from '../../platform/ids.ts';

const earliestMs = 24 * 3_600_000;
const latestMs = 5 * 60_000;

/**
 * The id under which the books keep what a caller named: the caller's own when it is a UUIDv7 of about now, else a new
 * one, since transfers are partitioned by the time in their ids.
 */
export function bookId(given: string, now: Date, newId: NewId): string {
  if (!isUuidV7(given)) return newId();
  const age = now.getTime() - timeOfId(given).getTime();
  return age <= earliestMs && age >= -latestMs ? given : newId();
}

/** One key for a caller's id (a UUID) and the Idempotency-Key that came with it. */
export const keyOf = (id: string, idempotencyKey: string): string => v5(idempotencyKey, id);
