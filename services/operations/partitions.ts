import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { pause } from '../../platform/wait.ts';
import type { Database } from '../../storage/db.ts';
import { brokenRule, isPassing } from '../../storage/db-errors.ts';
import {
  addPartition,
  countStrays,
  listMissingPartitions,
  listOldPartitions,
  putAwayPartition,
} from '../../storage/partitions/partitions.ts';

export interface PartitionDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long a partition stays in its table after its last day. */
  readonly keepMs: number;
  /** Rows that may be moved out of DEFAULT at once, with those that refer to them. */
  readonly mostMoved?: number;
  /** Of each partition, before it is left to the next round. */
  readonly tries?: number;
}

/** What one round did. */
export interface PartitionRound {
  readonly made: number;
  readonly archived: number;
  /** Rows in DEFAULT partitions that are left. */
  readonly strays: number;
}

/**
 * Makes the partitions that are missing, archives those that are old, and counts what lies in DEFAULT partitions. Safe
 * to repeat and to run twice at once. Rejects when something could not be done, after everything else was.
 */
export type KeepPartitions = () => Promise<PartitionRound>;

/** Measured: 5 000 orders with 5 000 trades move in 1.2 s, most of it for foreign keys; trading stands meanwhile. */
const defaultMostMoved = 10_000;
/** Each try holds trading up for at most 200 ms; in between it goes on. */
const defaultTries = 20;
const retryMs = 500;
/** After each partition: whoever waited for one must not meet the next at once. */
const restMs = 100;
/** Of looking for what still refers to an old partition: DETACH does it as well, and trading stands meanwhile. */
const mostSearchMs = 1_000;

/** Keeps the partitions of all tables: see migrations/0012_partitions.up.sql for how trading goes on meanwhile. */
export function createPartitionKeeping(deps: PartitionDeps): KeepPartitions {
  const { db, log, clock, keepMs, mostMoved = defaultMostMoved, tries = defaultTries } = deps;
  async function makeMissing(failures: unknown[]): Promise<number> {
    let made = 0;
    for (const missing of await listMissingPartitions(db, clock())) {
      const { parent, fromTime } = missing;
      const outcome = await patiently(tries, () => addPartition(db, missing, mostMoved)).catch((err: unknown) => {
        log.warn({ err, name: parent, from: fromTime }, 'Could not make a partition');
        failures.push(err);
        return 'failed' as const;
      });
      if (outcome === 'made' || outcome === 'moved') made += 1;
      await pause(restMs);
      if (outcome === 'moved') log.warn({ name: parent, from: fromTime }, 'Rows were moved out of a DEFAULT partition');
      if (outcome === 'full') {
        log.error({ name: parent, from: fromTime }, 'A DEFAULT partition holds too many rows to move them now');
      }
    }
    return made;
  }

  async function archiveOld(failures: unknown[]): Promise<number> {
    let archived = 0;
    for (const old of await listOldPartitions(db, new Date(Math.max(0, clock().getTime() - keepMs)))) {
      const outcome = await patiently(tries, () => putAwayPartition(db, old, mostSearchMs)).catch((err: unknown) => {
        log.warn({ err, name: old.part }, 'Could not archive a partition');
        failures.push(err);
        return 'failed' as const;
      });
      if (outcome !== 'put away') continue;
      archived += 1;
      log.info({ name: old.part }, 'Archived a partition');
    }
    return archived;
  }

  return async () => {
    const failures: unknown[] = [];
    const made = await makeMissing(failures);
    const archived = await archiveOld(failures);
    const strays = [...(await countStrays(db)).values()].reduce((sum, rows) => sum + rows, 0);
    if (strays > 0) log.error({ rows: strays }, 'Rows lie in DEFAULT partitions');
    if (failures.length > 0) throw failures[0];
    return { made, archived, strays };
  };
}

/** Tries again while others are in the way. Rows that come into DEFAULT between two looks break its new constraint. */
async function patiently<T>(tries: number, attempt: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 1 || !(isPassing(error) || brokenRule(error) !== undefined)) throw error;
      await pause(retryMs);
    }
  }
}
