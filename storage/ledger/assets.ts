import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export interface Asset {
  readonly asset: string;
  /** Decimals that count: one atom is the last of them. It never changes. */
  readonly scale: number;
  readonly name: string;
}

const sql = {
  list: sqlFile('list-assets.sql', import.meta.url),
  add: sqlFile('add-assets.sql', import.meta.url),
};

/** Every asset, by its code. */
export const listAssets = (db: Db): Promise<readonly Asset[]> => db.manyOrNone<Asset>(sql.list);

/** Adds assets. Safe to repeat: a known asset stays as it is. Answers the codes of those it added. */
export async function addAssets(db: Db, assets: readonly Asset[]): Promise<readonly string[]> {
  if (assets.length === 0) return [];
  const rows = await db.manyOrNone<{ asset: string }>(sql.add, {
    assets: assets.map(({ asset }) => asset),
    scales: assets.map(({ scale }) => scale),
    names: assets.map(({ name }) => name),
  });
  return rows.map(({ asset }) => asset);
}
