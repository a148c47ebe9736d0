import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Db } from '../../storage/db.ts';
import { claimAttempt, delayedUntil, returnAttempt } from '../../storage/identity/sign-in.ts';
import { sha256 } from './opaque-tokens.ts';

/** A try at a secret that was counted as a failure before it is judged. */
export interface CountedTry {
  readonly key: Buffer;
  readonly failures: number;
}

/**
 * Counts a try at `subject` (a normalised address, or whose codes are guessed). Throws TOO_MANY_ATTEMPTS while tries
 * are delayed, unless the device is known. Counting first means that tries side by side cannot outnumber the limit.
 */
export async function countTry(db: Db, clock: Clock, subject: string, known = false): Promise<CountedTry> {
  const key = sha256(subject);
  const at = clock();
  const failures = await claimAttempt(db, { addressHash: key, known, at });
  if (failures !== undefined) return { key, failures };
  const until = (await delayedUntil(db, key)) ?? at;
  const retryAfter = Math.max(1, Math.ceil((until.getTime() - at.getTime()) / 1000));
  throw new DomainError('TOO_MANY_ATTEMPTS', `Too many failures in a row. Try again in ${retryAfter} s.`, {
    retryAfter,
  });
}

/** Takes a try back that was neither right nor wrong. */
export async function takeBack(db: Db, clock: Clock, { key, failures }: CountedTry): Promise<void> {
  await returnAttempt(db, key, failures, clock());
}
