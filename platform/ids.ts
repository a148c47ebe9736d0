import { v7, validate, version } from 'uuid';
import type { Clock } from './clock.ts';
import { takeRandomBytes } from './random.ts';

/** Makes time-ordered ids (UUIDv7, RFC 9562). */
export type NewId = () => string;

/** Ids whose time is the given clock's; two made in one millisecond still ascend within a process. */
export function createIds(clock: Clock): NewId {
  let lastMs = 0;
  let seq = 0;
  return () => {
    const random = takeRandomBytes(16);
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
