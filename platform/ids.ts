import { randomFillSync } from 'node:crypto';
import { v7, validate, version } from 'uuid';
import type { Clock } from './clock.ts';

/** Makes time-ordered ids (UUIDv7, RFC 9562). */
export type NewId = () => string;

const idBytes = 16;

/** Ids whose time is the given clock's; two made in one millisecond still ascend within a process. */
export function createIds(clock: Clock): NewId {
  // Asking the system for the random bits of one id at a time takes longer than all the rest of making it.
  const pool = Buffer.alloc(256 * idBytes);
  let taken = pool.length;
  let lastMs = 0;
  let seq = 0;
  return () => {
    if (taken === pool.length) {
      randomFillSync(pool);
      taken = 0;
    }
    const random = pool.subarray(taken, (taken += idBytes));
    const now = clock().getTime();
    // A clock that steps back must not make ids descend: rows are partitioned and paged by id.
    seq = now <= lastMs ? seq + 1 : random.readUInt32LE() >>> 1;
    lastMs = Math.max(now, lastMs);
    return v7({ msecs: lastMs, seq, random });
  };
}

/** The millisecond a UUIDv7 was made in. */
export const timeOfId = (id: string): Date => new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));

export const isUuidV7 = (text: string): boolean => validate(text) && version(text) === 7;
