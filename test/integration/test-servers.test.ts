import test from 'ava';
import { createTestDatabase } from '../_support/database.ts';
import { createTestRedis } from '../_support/redis.ts';
import { createTestNamespace, createTimeSkipping } from '../_support/temporal.ts';

test('createTestDatabase: two databases, do not see each other and both are migrated', async (t) => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  t.teardown(() => Promise.all([one.drop(), other.drop()]));
  await one.db.none('CREATE TABLE only_here (id int)');
  const seen = 'SELECT to_regclass($1) IS NOT NULL AS seen';
  t.deepEqual(await one.db.one(seen, 'only_here'), { seen: true });
  t.deepEqual(await other.db.one(seen, 'only_here'), { seen: false });
  t.deepEqual(await other.db.one(seen, 'public.migrations'), { seen: true });
});

test('createTestDatabase: the durability settings, are those of production', async (t) => {
  const { db, drop } = await createTestDatabase();
  t.teardown(drop);
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    t.deepEqual(await db.one('SELECT current_setting($1) AS value', setting), { value: 'on' });
  }
});

test('createTestRedis: two databases, do not see each other', async (t) => {
  const [one, other] = await Promise.all([createTestRedis(), createTestRedis()]);
  t.teardown(() => Promise.all([one.drop(), other.drop()]));
  await one.redis.set('key', 'here');
  t.is(await one.redis.get('key'), 'here');
  t.is(await other.redis.get('key'), null);
});

test('createTestNamespace: two namespaces, start workflows at once and do not see each other', async (t) => {
  const [one, other] = await Promise.all([createTestNamespace(), createTestNamespace()]);
  t.teardown(() => Promise.all([one.close(), other.close()]));
  const options = { taskQueue: 'nobody', workflowId: 'same' };
  await one.client.workflow.start('any', options);
  await one.client.workflow.getHandle('same').describe();
  await t.throwsAsync(other.client.workflow.getHandle('same').describe(), { name: 'WorkflowNotFoundError' });
});

test('createTimeSkipping: a sleep of two days, ends within seconds', async (t) => {
  const environment = await createTimeSkipping();
  t.teardown(() => environment.teardown());
  const before = await environment.currentTimeMs();
  const started = Date.now();
  await environment.sleep('2 days');
  t.true((await environment.currentTimeMs()) - before >= 2 * 86_400_000);
  t.true(Date.now() - started < 10_000);
});
