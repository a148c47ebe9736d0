import type { Database, Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  listMissing: sqlFile('list-missing.sql', import.meta.url),
  add: sqlFile('add.sql', import.meta.url),
  listOld: sqlFile('list-old.sql', import.meta.url),
  limitStatements: sqlFile('limit-statements.sql', import.meta.url),
  putAway: sqlFile('put-away.sql', import.meta.url),
  listTables: sqlFile('list-tables.sql', import.meta.url),
  countStrays: sqlFile('count-strays.sql', import.meta.url),
};

/** A partition that is to be made. */
export interface MissingPartition {
  /** The table, with its schema. */
  readonly parent: string;
  readonly prefix: string;
  readonly fromTime: Date;
  readonly toTime: Date;
}

/** A partition old enough for the archive. */
export interface OldPartition {
  readonly parent: string;
  readonly part: string;
  /** A query over it that has rows while it must stay. */
  readonly stays: string;
}

/** `moved`: made, and filled from DEFAULT. `full`: DEFAULT holds too much of it, nothing was done. */
export type AddOutcome = 'there' | 'made' | 'moved' | 'full';

/** `stays`: something in it, or that refers to it, is still in use. `gone`: it is no partition any more. */
export type PutAwayOutcome = 'put away' | 'stays' | 'gone';

interface MissingRow {
  readonly parent: string;
  readonly prefix: string;
  readonly from_time: Date;
  readonly to_time: Date;
}

/** What should have been made at that time, and is not there; what is needed first comes first. */
export async function listMissingPartitions(db: Db, at: Date): Promise<readonly MissingPartition[]> {
  const rows = await db.manyOrNone<MissingRow>(sql.listMissing, { at });
  return rows.map(({ parent, prefix, from_time, to_time }) => ({
    parent,
    prefix,
    fromTime: from_time,
    toTime: to_time,
  }));
}

/**
 * Makes a partition while its table is in use, and moves at most `mostMoved` rows into it that DEFAULT holds. Rejects
 * with a passing error (`isPassing`, or a check violation) when trading kept it waiting for 200 ms.
 */
export async function addPartition(db: Db, missing: MissingPartition, mostMoved: number): Promise<AddOutcome> {
  return (await db.one<{ outcome: AddOutcome }>(sql.add, { ...missing, mostMoved })).outcome;
}

/** The partitions that ended before a time and may be archived, in the order to do it. */
export const listOldPartitions = (db: Db, before: Date): Promise<readonly OldPartition[]> =>
  db.manyOrNone<OldPartition>(sql.listOld, { before });

/**
 * Detaches a partition and keeps it in the schema `archive`. Rejects with a passing error when trading kept it waiting
 * for 200 ms, and with a cancelled query when looking for what refers to it took longer than `mostMs`.
 */
export function putAwayPartition(db: Database, old: OldPartition, mostMs: number): Promise<PutAwayOutcome> {
  return db.tx(async (tx) => {
    await tx.one(sql.limitStatements, { ms: mostMs });
    return (await tx.one<{ outcome: PutAwayOutcome }>(sql.putAway, { ...old })).outcome;
  });
}

/**
 * Rows in the DEFAULT partition of each partitioned table: 0 unless a partition was not made in time. One statement a
 * table: whoever moves rows holds several tables, and must not meet one who reads several.
 */
export async function countStrays(db: Db): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { parent } of await db.manyOrNone<{ parent: string }>(sql.listTables)) {
    const { strays } = await db.one<{ strays: string }>(sql.countStrays, { parent });
    found.set(parent, Number(strays));
  }
  return found;
}
