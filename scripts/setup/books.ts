import { type Database, openDatabase } from '../../storage/db.ts';
import { requireRunning } from './running.ts';

/**
 * Runs a check over DATABASE_URL, or over the running system's database when that is not set, and ends the process with
 * 1 when the check does not hold. Checks read everything, so their statements may take an hour.
 */
export async function checkBooks(name: string, check: (db: Database) => Promise<boolean>): Promise<void> {
  const { db, close } = openDatabase({
    connectionString: process.env['DATABASE_URL'] ?? requireRunning().env['DATABASE_URL'] ?? '',
    poolSize: 1,
    applicationName: name,
    statementTimeoutMs: 3_600_000,
  });
  try {
    process.exitCode = (await check(db)) ? 0 : 1;
  } finally {
    await close();
  }
}
