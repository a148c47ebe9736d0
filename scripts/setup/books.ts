import { type Database, openDatabase } from '../../storage/db.ts';
import { requireRunning } from './running.ts';

type Check = (db: Database, env: Readonly<Record<string, string | undefined>>) => Promise<boolean>;

/**
 * Runs a check over DATABASE_URL and what else the environment names, or over the running system when that is not set,
 * and ends the process with 1 when the check does not hold. Checks read everything, so their statements may take an
 * hour.
 */
export async function checkBooks(name: string, check: Check): Promise<void> {
  const env = process.env['DATABASE_URL'] === undefined ? requireRunning().env : process.env;
  const { db, close } = openDatabase({
    connectionString: env['DATABASE_URL'] ?? '',
    poolSize: 1,
    applicationName: name,
    statementTimeoutMs: 3_600_000,
  });
  try {
    process.exitCode = (await check(db, env)) ? 0 : 1;
  } finally {
    await close();
  }
}
