import { fileURLToPath } from 'node:url';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { type AppName, startSystem } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<Trial>;

const hourMs = 3_600_000;
const steppingClock = `--import ${fileURLToPath(new URL('../_support/stepping-clock.ts', import.meta.url))}`;
const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, customers: [] };
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

const readiness = async (internal: string): Promise<string> => {
  const asked = request<{ checks: Record<string, string> }>('GET', `${internal}/health/ready`);
  return asked.then(
    ({ status, body }) => `${status} ${body.checks['clock']}`,
    () => 'no answer',
  );
};

/** What a process says its clock is wrong by, in seconds. */
async function clockError(internal: string): Promise<number> {
  const metrics = await (await fetch(`${internal}/metrics`)).text();
  return Number(/^clock_error_seconds (.+)$/m.exec(metrics)?.[1]);
}

for (const [what, shift] of [
  ['an hour ahead', hourMs],
  ['an hour behind', -hourMs],
] as const) {
  test.serial(`api: its clock is ${what} at start, not ready, and it decides nothing`, async (t) => {
    const { system, customers } = t.context;
    const { token } = customers[0]!;
    const env = { NODE_OPTIONS: steppingClock, TEST_CLOCK_SHIFT_MS: String(shift) };
    t.teardown(() => system.stopApp('api2'));
    await system.start('api2', { env, ready: false });
    await until(async () => (await readiness(system.internal2)) === '503 failed', 30_000);
    const answers = [
      await request('POST', `${system.rest2}/api/v1/orders`, { token, body: order }),
      await request('GET', `${system.rest2}/api/v1/orders`, { token }),
      await request('POST', `${system.rest2}/api/v1/auth/login`, { body: { email: 'a@b.example', password: 'x' } }),
    ];
    for (const { status, headers, body } of answers) {
      t.deepEqual([status, body['code'], headers.get('retry-after')], [503, 'UNAVAILABLE', '1']);
    }
    // The first measurement, while everything starts, may have had to wait.
    await until(async () => Math.abs((await clockError(system.internal2)) - shift / 1_000) < 1, 30_000);
    t.regex(system.log('api2'), /clock differs from PostgreSQL/);
    t.is(await system.stopApp('api2'), 'exit code 0');
  });
}

test.serial('api: its clock steps back an hour under load and then forth, orders wait and none is lost', async (t) => {
  t.timeout(rounds * 60_000 + 120_000);
  const { system } = t.context;
  const chaos = createChaos(t);
  await system.stopApp('api');
  await system.start('api', { env: { NODE_OPTIONS: steppingClock, TEST_CLOCK_STEP_MS: String(-hourMs) } });
  await system.start('api2');
  const targets = [system.rest, system.rest2];
  await underLoad(t, { ...t.context, targets }, chaos, async () => {
    system.signal('api', 'SIGUSR2');
    await until(async () => (await readiness(system.internal)) === '503 failed', 10_000);
    await chaos.moment(500, 1_500);
    t.deepEqual(await ordersOfAnotherTime(t), [], 'what was placed has the time of PostgreSQL');
    await system.stopApp('api');
    await system.start('api');
  });
  await system.stopApp('api2');
});

/** Orders whose own time is not that of their partition's clock, by more than is borne. */
const ordersOfAnotherTime = ({ context: { system } }: ExecutionContext<Trial>) =>
  system.db.any(
    `SELECT order_id, created_at FROM trading.orders
      WHERE created_at NOT BETWEEN now() - interval '5 minutes' AND now() + interval '5 s'`,
  );

for (const app of ['matcher', 'workers'] as const satisfies readonly AppName[]) {
  for (const [what, step] of [
    ['back', -hourMs],
    ['forth', hourMs],
  ] as const) {
    test.serial(`${app}: its clock steps ${what} an hour under load, it ends and nothing comes early`, async (t) => {
      t.timeout(rounds * 60_000 + 120_000);
      const { system, customers } = t.context;
      const { token } = customers[0]!;
      await system.stopApp(app);
      await system.start(app, { env: { NODE_OPTIONS: steppingClock, TEST_CLOCK_STEP_MS: String(step) } });
      const day = { ...order, time_in_force: 'DAY' };
      const placed = await request('POST', `${system.rest}/api/v1/orders?response=result`, { token, body: day });
      t.is(placed.status, 201);
      await underLoad(t, t.context, createChaos(t), async () => {
        system.signal(app, 'SIGUSR2');
        t.is(await system.ended(app), 'exit code 1');
        await system.start(app);
      });
      const after = await request('GET', `${system.rest}/api/v1/orders/${String(placed.body['order_id'])}`, { token });
      t.is(after.body['status'], 'OPEN');
      const late = await system.db.any(
        `SELECT symbol, batch FROM trading.journal WHERE batch_time NOT BETWEEN now() - interval '5 minutes'
                                                                           AND now() + interval '1 s'`,
      );
      t.deepEqual(late, [], 'no batch has another time');
    });
  }
}
