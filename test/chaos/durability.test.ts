import { readFileSync } from 'node:fs';
import anyTest, { type TestFn } from 'ava';
import { Redis } from 'ioredis';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { type Client, createClient } from '../_support/client.ts';
import { request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { traceServer } from '../_support/strace.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context extends Trial {
  readonly api: Client;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['postgres', 'redis'] });
  t.context = { system, customers: [], api: createClient(`${system.rest}/api/v1`) };
  t.context = { ...t.context, customers: await createCustomers(system.internal, 20) };
});
test.after.always(async ({ context: { api, system } }) => {
  api.close();
  await system.stop();
});

const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };
const failingSync = ['-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=1'];

/** Nothing but the API writes: whoever else might sync the log stands still, for less than a lease lasts. */
async function alone(system: System, work: () => Promise<void>): Promise<void> {
  const others = ['matcher', 'workers'] as const;
  for (const app of others) system.signal(app, 'SIGSTOP');
  await work().finally(() => others.forEach((app) => system.signal(app, 'SIGCONT')));
}

test.serial('orders: each acknowledged, PostgreSQL has synced its log for it before', async (t) => {
  const { system, customers, api } = t.context;
  const { token } = customers[0]!;
  await api.send({ method: 'POST', path: '/orders', token, body: order });
  await alone(system, async () => {
    const tracing = await traceServer(system.db, "application_name = 'api'", ['-e', 'trace=fdatasync,fsync']);
    const synced = (): number => tracing.lines().filter((line) => line.endsWith('= 0')).length;
    for (let number = 0; number < 5; number += 1) {
      const before = synced();
      await api.send({ method: 'GET', path: '/orders', token });
      t.is(synced(), before, 'reading syncs nothing: the log is quiet');
      const { status } = await api.send({ method: 'POST', path: '/orders', token, body: order });
      t.is(status, 201);
      t.true(synced() > before);
    }
    await tracing.stop();
  });
});

const panics = (system: System): number =>
  readFileSync(system.servers.postgres!.logFile, 'utf8').match(/PANIC: +could not fdatasync/g)?.length ?? 0;

test.serial('orders: the log cannot be synced, not acknowledged, and the retry has one effect', async (t) => {
  const { system, customers, api } = t.context;
  const { token, userId } = customers[1]!;
  const headers = { 'idempotency-key': 'failing-sync' };
  const place = () => api.send({ method: 'POST', path: '/orders', token, headers, body: order });
  const before = panics(system);
  await alone(system, async () => {
    await traceServer(system.db, 'true', failingSync);
    const { status, body } = await place();
    t.deepEqual([status, body['code']], [503, 'UNAVAILABLE']);
  });
  t.is(panics(system), before + 1);
  const count = 'SELECT count(*)::int AS orders FROM trading.orders WHERE user_id = $<userId>';
  const ordersOf = async () => (await system.db.one<{ orders: number }>(count, { userId })).orders;
  await until(
    () =>
      ordersOf().then(
        () => true,
        () => false,
      ),
    20_000,
  );
  t.log(`${await ordersOf()} order after the recovery, not acknowledged`);
  await until(async () => (await place()).status === 201, 20_000);
  t.is((await place()).status, 201);
  t.is(await ordersOf(), 1);
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
  t.deepEqual(system.lost(), []);
});

test.serial('PostgreSQL: its log cannot be synced under load, nothing acknowledged is lost or doubled', async (t) => {
  t.timeout(rounds * 60_000 + 120_000);
  const { system } = t.context;
  const chaos = createChaos(t);
  const before = panics(system);
  await underLoad(t, t.context, chaos, async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await traceServer(system.db, 'true', failingSync);
      await until(() => panics(system) === before + round, 20_000);
      await until(
        () =>
          system.db.any('SELECT 1').then(
            () => true,
            () => false,
          ),
        20_000,
      );
      await chaos.moment(500, 1_500);
    }
  });
  t.deepEqual(system.lost(), []);
});

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

const readinessOf = async ({ internal }: System) => {
  const { status, body } = await request<Readiness>('GET', `${internal}/health/ready`);
  return {
    http: status,
    status: body.status,
    durability: body.checks['durability'],
    redis: body.checks['redisSafety'],
  };
};

for (const setting of ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'synchronous_commit=local']) {
  test.serial(`readiness: PostgreSQL with ${setting}, refused`, async (t) => {
    const { system } = t.context;
    const postgres = system.servers.postgres!;
    await postgres.kill();
    await postgres.start({ settings: [setting] });
    await until(async () => (await readinessOf(system)).durability === 'failed', 20_000);
    t.like(await readinessOf(system), { http: 503, status: 'unready' });
    t.regex(system.log('api'), new RegExp(`PostgreSQL is not durable: ${setting.split('=')[0]}`));
    await postgres.kill();
    await postgres.start();
    await until(async () => (await readinessOf(system)).status === 'ready', 20_000);
  });
}

const unsafe: readonly (readonly [name: string, value: string, usual: string])[] = [
  ['appendfsync', 'no', 'everysec'],
  ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
];
for (const [name, value, usual] of unsafe) {
  test.serial(`readiness: Redis with ${name} ${value}, degraded and logged`, async (t) => {
    const { system } = t.context;
    const redis = new Redis(system.servers.redis!.url);
    t.teardown(() => redis.disconnect());
    await redis.config('SET', name, value);
    t.like(await readinessOf(system), { http: 200, status: 'degraded', redis: 'failed' });
    t.regex(system.log('api'), new RegExp(`Redis is not safe: ${name.replace('-', '.')}:${value}`));
    await redis.config('SET', name, usual);
    t.like(await readinessOf(system), { http: 200, status: 'ready', redis: 'ok' });
  });
}
