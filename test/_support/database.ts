import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type Database } from '../../storage/db.ts';
import { servers } from './servers.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** Closes the pool and removes the database. */
  readonly drop: () => Promise<void>;
}

async function administer(url: URL, statement: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A migrated, empty database that nothing else uses. `drop` it at the end. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = new URL(servers.templateDatabaseUrl());
  const template = url.pathname.slice(1);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(url, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  url.pathname = `/${name}`;
  const { db, close } = openDatabase({
    connectionString: url.href,
    poolSize: 10,
    applicationName: 'test',
    statementTimeoutMs: 30_000,
  });
  return {
    url: url.href,
    db,
    drop: async () => {
      await close();
      // Without FORCE: it waits for connections that are just closing, where FORCE would kill them with an error.
      await administer(url, `DROP DATABASE IF EXISTS ${name}`);
    },
  };
}
