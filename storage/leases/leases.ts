import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  acquire: sqlFile('acquire.sql', import.meta.url),
  release: sqlFile('release.sql', import.meta.url),
};

export interface Lease {
  readonly name: string;
  readonly holder: string;
}

/** Takes or renews a lease; undefined when another holds it. The epoch rises with every change of holder. */
export async function acquireLease(db: Db, lease: Lease, ttlMs: number): Promise<bigint | undefined> {
  const row = await db.oneOrNone<{ epoch: string }>(sql.acquire, { ...lease, ttlMs });
  return row === null ? undefined : BigInt(row.epoch);
}

/** Gives a lease back, if this holder still has it. */
export async function releaseLease(db: Db, lease: Lease): Promise<void> {
  await db.none(sql.release, { ...lease });
}
