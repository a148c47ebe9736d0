import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/** Two migrators at once: the slower one's transaction breaks on the name and is rolled back whole. No session lock. */
const trackingTable = `
  CREATE TABLE IF NOT EXISTS public.migrations (
    id serial PRIMARY KEY,
    name varchar(255) NOT NULL CONSTRAINT migration_runs_once UNIQUE,
    run_on timestamp NOT NULL,
    -- Of the file that was applied.
    checksum text
  )`;

export interface MigrateOptions {
  /** How many migrations; by default all when going up and one when going down. */
  readonly count?: number;
  /** Where the NNNN_name.up.sql and .down.sql files are. */
  readonly folder?: string;
  /** Told each step in a sentence. */
  readonly log?: (line: string) => void;
}

/**
 * Applies (`up`) or takes back (`down`) migrations, each in a transaction of its own. Answers their names in order.
 * Going up throws, before anything is applied, when the file of an applied migration has changed since.
 */
export async function migrate(
  databaseUrl: string,
  direction: 'up' | 'down',
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const { folder = migrationsFolder } = options;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(trackingTable);
    if (direction === 'up') await refuseChanged(client, folder);
    const done = await runner({
      dbClient: client,
      direction,
      dir: folder,
      migrationsTable: 'migrations',
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: 'sql' }],
      singleTransaction: false,
      noLock: true,
      log: options.log ?? (() => undefined),
      ...(options.count === undefined ? {} : { count: options.count }),
    });
    const names = done.map(({ name }) => name);
    if (direction === 'up') await keepChecksums(client, folder, names);
    return names;
  } finally {
    await client.end();
  }
}

async function refuseChanged(client: pg.Client, folder: string): Promise<void> {
  const applied = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM public.migrations WHERE checksum IS NOT NULL ORDER BY id',
  );
  for (const { name, checksum } of applied.rows) {
    if ((await checksumOf(folder, name)) === checksum) continue;
    throw new Error(
      `Migration ${name} is another than the one that was applied to this database. Use the files it was made with; ` +
        'data of development alone is removed with `make clean`.',
    );
  }
}

async function keepChecksums(client: pg.Client, folder: string, names: readonly string[]): Promise<void> {
  const text = 'UPDATE public.migrations SET checksum = $2 WHERE name = $1';
  for (const name of names) await client.query(text, [name, await checksumOf(folder, name)]);
}

/** Undefined when there is no such file. */
const checksumOf = (folder: string, name: string): Promise<string | undefined> =>
  readFile(join(folder, `${name}.up.sql`)).then(
    (content) => createHash('sha256').update(content).digest('hex'),
    () => undefined,
  );
