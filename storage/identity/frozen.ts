import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = { isFrozen: sqlFile('is-frozen.sql', import.meta.url) };

/** Whether an account may not act: it is frozen or gone. */
export const isFrozen = async (db: Db, userId: string): Promise<boolean> =>
  (await db.one<{ frozen: boolean }>(sql.isFrozen, { userId })).frozen;
