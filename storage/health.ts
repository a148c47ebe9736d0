import { readdirSync } from 'node:fs';
import type { Db } from './db.ts';

const migrationsFolder = new URL('../migrations/', import.meta.url);

/** Answers when PostgreSQL does. */
export async function checkDatabase(db: Db): Promise<void> {
  await db.one('SELECT 1 AS up');
}

/** PostgreSQL's time, in milliseconds since 1970. */
export async function databaseTime(db: Db): Promise<number> {
  const { ms } = await db.one<{ ms: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms');
  return ms;
}

interface Setting {
  readonly name: string;
  readonly setting: string;
}

/** Throws when PostgreSQL would acknowledge what a crash could take back. */
export async function checkDurability(db: Db): Promise<void> {
  const settings = await db.manyOrNone<Setting>(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')",
  );
  const unsafe = settings.filter(({ setting }) => setting === 'off' || setting === 'local');
  if (settings.length < 3 || unsafe.length > 0) {
    throw new Error(`PostgreSQL is not durable: ${unsafe.map(({ name }) => name).join(', ')}`);
  }
}

/** Throws when the schema is older than this code. */
export async function checkMigrations(db: Db): Promise<void> {
  const expected = readdirSync(migrationsFolder).filter((file) => file.endsWith('.up.sql')).length;
  const { applied } = await db.one<{ applied: number }>('SELECT count(*)::int AS applied FROM public.migrations');
  if (applied < expected) throw new Error(`${expected - applied} migration(s) are not applied`);
}
