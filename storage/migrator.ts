import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/** Two migrators at once: the slower one's transaction breaks on the name and is rolled back whole. No session lock. */
const trackingTable = `
  CREATE TABLE IF NOT EXISTS public.migrations (
    id serial PRIMARY KEY,
    name varchar(255) NOT NULL CONSTRAINT migration_runs_once UNIQUE,
    run_on timestamp NOT NULL
  )`;

export interface MigrateOptions {
  /** How many migrations; by default all when going up and one when going down. */
  readonly count?: number;
  /** Where the NNNN_name.up.sql and .down.sql files are. */
  readonly folder?: string;
  /** Told each step in a sentence. */
  readonly log?: (line: string) => void;
}

/** Applies (`up`) or takes back (`down`) migrations, each in a transaction of its own. Answers their names in order. */
export async function migrate(
  databaseUrl: string,
  direction: 'up' | 'down',
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(trackingTable);
    const done = await runner({
      dbClient: client,
      direction,
      dir: options.folder ?? migrationsFolder,
      migrationsTable: 'migrations',
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: 'sql' }],
      singleTransaction: false,
      noLock: true,
      log: options.log ?? (() => undefined),
      ...(options.count === undefined ? {} : { count: options.count }),
    });
    return done.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
