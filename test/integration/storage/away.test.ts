import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { isDatabaseAway, openDatabase } from '../../../storage/db.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { startProxy } from '../../_support/proxy.ts';
import { until } from '../../_support/until.ts';

const test = anyTest as TestFn<TestDatabase>;

test.before(async (t) => {
  t.context = await createTestDatabase();
});
test.after.always((t) => t.context.drop());

const errorOf = (query: Promise<unknown>): Promise<unknown> =>
  query.then(
    () => undefined,
    (error: unknown) => error,
  );

const ownPid = 'SELECT pg_backend_pid() AS pid';

async function kill({ db }: TestDatabase, pid: number): Promise<void> {
  await db.any('SELECT pg_terminate_backend($1)', [pid]);
  await until(async () => (await db.any('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0);
}

test('database away: the connection is lost while a query runs, true', async (t) => {
  const { db } = t.context;
  const error = await errorOf(
    db.task(async (task) => {
      const { pid } = await task.one<{ pid: number }>(ownPid);
      const running = errorOf(task.any('SELECT pg_sleep(10)'));
      await kill(t.context, pid);
      throw await running;
    }),
  );
  t.true(isDatabaseAway(error), String(error));
});

test('database away: the connection was lost between two queries of a transaction, true', async (t) => {
  const { db } = t.context;
  const error = await errorOf(
    db.tx(async (tx) => {
      const { pid } = await tx.one<{ pid: number }>(ownPid);
      await kill(t.context, pid);
      await tx.one(ownPid);
    }),
  );
  t.true(isDatabaseAway(error), String(error));
});

test('database away: the connection was lost while the pool handed it out, true', async (t) => {
  const client = await t.context.db.$pool.connect();
  const { rows } = (await client.query(ownPid)) as unknown as { rows: { pid: number }[] };
  let isLost = false;
  client.on('error', () => (isLost = true));
  await kill(t.context, rows[0]!.pid);
  await until(() => isLost);
  const error = await errorOf(client.query(ownPid));
  client.release();
  t.true(isDatabaseAway(error), String(error));
});

test('database away: the server takes connections and says nothing, true', async (t) => {
  const mute = createServer();
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  const { port } = mute.address() as AddressInfo;
  const connectionString = `postgresql://nobody:nothing@127.0.0.1:${port}/nowhere`;
  const { db, close } = openDatabase({
    connectionString,
    poolSize: 1,
    applicationName: 'test',
    statementTimeoutMs: 1_000,
  });
  const error = await errorOf(db.any('SELECT 1'));
  t.true(isDatabaseAway(error), String(error));
  await close();
  mute.close();
});

test('database away: a query that is refused, false', async (t) => {
  t.false(isDatabaseAway(await errorOf(t.context.db.any('SELECT 1 / 0'))));
});

test('database away: a connection that stays open gives no answer, it and idle ones are not used again', async (t) => {
  const { hostname, port } = new URL(t.context.url);
  const proxy = await startProxy(hostname, Number(port));
  const { db, close } = openDatabase({
    connectionString: t.context.url.replace(`:${port}/`, `:${proxy.port}/`),
    poolSize: 5,
    applicationName: 'away',
    statementTimeoutMs: 500,
  });
  t.teardown(async () => {
    await close();
    proxy.close();
  });
  await Promise.all(Array.from({ length: 5 }, () => db.one(`${ownPid}, pg_sleep(0.1)`)));
  proxy.make('half-open');
  t.true(isDatabaseAway(await errorOf(db.one(ownPid))));
  proxy.make(undefined);
  // Time to take leave of them.
  await sleep(50);
  const before = performance.now();
  for (let number = 0; number < 5; number += 1) await t.notThrowsAsync(db.one(ownPid));
  t.true(performance.now() - before < 450, 'none of them waited for a dead one');
});
