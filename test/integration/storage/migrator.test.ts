import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { migrate } from '../../../storage/migrator.ts';
import { createTestDatabase } from '../../_support/database.ts';

async function folderOf(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pandora-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
  return folder;
}

const two = {
  '0001_a.up.sql': 'CREATE TABLE a (id int)',
  '0001_a.down.sql': 'DROP TABLE a',
  '0002_b.up.sql': 'CREATE TABLE b (id int)',
  '0002_b.down.sql': 'DROP TABLE b',
};

/** An empty database: the project's own migrations are taken out of the record. */
async function emptyDatabase(t: ExecutionContext) {
  const database = await createTestDatabase();
  t.teardown(database.drop);
  await database.db.none('TRUNCATE public.migrations');
  const has = async (table: string): Promise<boolean> =>
    (await database.db.one<{ has: boolean }>('SELECT to_regclass($1) IS NOT NULL AS has', table)).has;
  return { ...database, has };
}

test('migrate: up twice, applies each migration once in order', async (t) => {
  const { url, has } = await emptyDatabase(t);
  const folder = await folderOf(t, two);
  t.deepEqual(await migrate(url, 'up', { folder }), ['0001_a', '0002_b']);
  t.deepEqual(await migrate(url, 'up', { folder }), []);
  t.true(await has('b'));
});

test('migrate: down, takes back the last one only', async (t) => {
  const { url, has } = await emptyDatabase(t);
  const folder = await folderOf(t, two);
  await migrate(url, 'up', { folder });
  t.deepEqual(await migrate(url, 'down', { folder }), ['0002_b']);
  t.true(await has('a'));
  t.false(await has('b'));
});

test('migrate: one migration is broken, keeps those before it and nothing of its own', async (t) => {
  const { url, has } = await emptyDatabase(t);
  const folder = await folderOf(t, { ...two, '0002_b.up.sql': 'CREATE TABLE b (id int); SELECT no_such_thing;' });
  await t.throwsAsync(migrate(url, 'up', { folder }), { message: /no_such_thing/ });
  t.true(await has('a'));
  t.false(await has('b'));
});

test('migrate: two at once, apply each migration once', async (t) => {
  const { url, db } = await emptyDatabase(t);
  const folder = await folderOf(t, two);
  const results = await Promise.allSettled([migrate(url, 'up', { folder }), migrate(url, 'up', { folder })]);
  t.true(results.some(({ status }) => status === 'fulfilled'));
  await migrate(url, 'up', { folder });
  t.deepEqual(await db.many('SELECT name FROM public.migrations ORDER BY id'), [
    { name: '0001_a' },
    { name: '0002_b' },
  ]);
});

const changes: readonly (readonly [title: string, change: (folder: string) => Promise<void>])[] = [
  ['was changed', (folder) => writeFile(join(folder, '0001_a.up.sql'), 'CREATE TABLE a (id bigint)')],
  ['is gone', (folder) => rm(join(folder, '0001_a.up.sql'))],
];
for (const [title, change] of changes) {
  test(`migrate: the file of an applied one ${title}, is refused by its name and nothing is applied`, async (t) => {
    const { url, has } = await emptyDatabase(t);
    const folder = await folderOf(t, two);
    await migrate(url, 'up', { folder, count: 1 });
    await change(folder);
    await t.throwsAsync(migrate(url, 'up', { folder }), { message: /^Migration 0001_a is another/ });
    t.false(await has('b'));
  });
}

test("migrate: all of the project's own down and up again, leaves a usable schema", async (t) => {
  const { url, drop } = await createTestDatabase();
  t.teardown(drop);
  const down = await migrate(url, 'down', { count: Number.MAX_SAFE_INTEGER });
  t.true(down.length > 0);
  t.deepEqual(await migrate(url, 'up'), down.toReversed());
});
