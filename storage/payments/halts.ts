import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  isHalted: sqlFile('is-halted.sql', import.meta.url),
  halt: sqlFile('halt-assets.sql', import.meta.url),
  lift: sqlFile('lift-halts.sql', import.meta.url),
};

/** Whether all sending of an asset is halted, by a person or the reconciliation. */
export const isHalted = async (db: Db, asset: string): Promise<boolean> =>
  (await db.oneOrNone(sql.isHalted, { asset })) !== null;

/** Halts the sending of assets for the reconciliation; none named: of all, also of those to come. */
export async function haltAssets(db: Db, assets: readonly string[], reason: string, at: Date): Promise<void> {
  await db.none(sql.halt, { assets: assets.length === 0 ? ['*'] : assets, reason, at });
}

/** Lifts all that the reconciliation halted. What a person halted stays so. */
export const liftHalts = (db: Db): Promise<null> => db.none(sql.lift);
