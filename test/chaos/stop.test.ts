import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createClient } from '../_support/client.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Ready {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

const test = anyTest as TestFn<Trial>;

test.before(async (t) => {
  // Under load a settlement goes on for half of the time to stop, and then its worker ends it.
  const system = await startSystem({ SERVER_SHUTDOWN_TIMEOUT: '10s' });
  t.context = { system, customers: [] };
  await system.start('api2');
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

test.serial(
  'api: SIGTERM under load, it drains and ends well while the other serves, and no answer is cut off',
  async (t) => {
    t.timeout(rounds * 60_000 + 120_000);
    const { system, customers } = t.context;
    const targets = [system.rest, system.rest2];
    const chaos = createChaos(t);
    const load = await underLoad(t, { system, customers, targets }, chaos, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const stoppedAt = performance.now();
        t.is(await system.stopApp('api2'), 'exit code 0');
        t.true(performance.now() - stoppedAt < 10_000, 'within its grace');
        await t.throwsAsync(fetch(`${system.rest2}/health/live`), undefined, 'nobody listens any more');
        await chaos.moment(100, 500);
        await system.start('api2');
        await chaos.moment(200, 800);
      }
    });
    t.true(load.tally.placed > 50);
  },
);

test.serial('api: SIGTERM while 50 orders are on their way, each is answered and those placed are there', async (t) => {
  const { system, customers } = t.context;
  const client = createClient(`${system.rest2}/api/v1`);
  t.teardown(() => client.close());
  const { token, userId } = customers[0]!;
  const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };
  const place = (number: number) =>
    client.send({ method: 'POST', path: '/orders', token, body: { ...order, client_order_id: `stop-${number}` } });
  // Warm connections: what is asked next reaches the process at once.
  await Promise.all(Array.from({ length: 50 }, () => client.send({ method: 'GET', path: '/wallets', token })));
  const asked = Array.from({ length: 50 }, (_, number) => place(number));
  await sleep(5);
  const ended = system.stopApp('api2');
  const replies = await Promise.allSettled(asked);
  t.is(await ended, 'exit code 0');
  const cut = replies.filter((reply) => reply.status === 'rejected').map(({ reason }) => String(reason));
  t.deepEqual(cut, [], 'no request on its way is cut off');
  const answers = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []));
  t.deepEqual(
    answers.filter(({ status }) => status !== 201 && status !== 503),
    [],
  );
  const acknowledged = answers.filter(({ status }) => status === 201).map(({ body }) => String(body['order_id']));
  const found = await system.db.many<{ order_id: string }>(
    "SELECT order_id FROM trading.orders WHERE user_id = $1 AND client_order_id LIKE 'stop-%'",
    [userId],
  );
  t.deepEqual(acknowledged.toSorted(), found.map(({ order_id }) => order_id).toSorted());
  await system.start('api2');
});

test.serial('api: SIGTERM, what comes right after over a kept connection is answered and ends it', async (t) => {
  const { system } = t.context;
  const { hostname, port } = new URL(system.rest2);
  const socket = connect(Number(port), hostname);
  t.teardown(() => void socket.destroy());
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  const ask = () => socket.write(`GET /api/v1/status HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  ask();
  await until(() => heard.includes('"status":"ok"'));
  t.regex(heard, /connection: keep-alive/i);
  heard = '';
  const ended = system.stopApp('api2');
  await sleep(50);
  ask();
  await until(() => heard.includes('"status":"draining"'));
  t.regex(heard, /connection: close/i);
  t.is(await ended, 'exit code 0');
  await system.start('api2');
});

test.serial(
  'api: SIGTERM while a request is on its way, not ready from then on, and the request answered',
  async (t) => {
    const { system, customers } = t.context;
    const { hostname, port } = new URL(system.rest2);
    const body = JSON.stringify({
      symbol: 'BTC/USDT',
      side: 'BUY',
      order_type: 'LIMIT',
      price: '30000',
      quantity: '0.001',
    });
    const socket = connect(Number(port), hostname);
    t.teardown(() => void socket.destroy());
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    const head = [
      'POST /api/v1/orders HTTP/1.1',
      `host: ${hostname}`,
      `authorization: Bearer ${customers[0]!.token}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    // Asked for an interim answer, the server shows that the request has begun.
    socket.write([...head, 'expect: 100-continue', '', ''].join('\r\n'));
    await until(() => heard.startsWith('HTTP/1.1 100'));
    const ended = system.stopApp('api2');
    await until(async () => (await fetch(`${system.internal2}/health/ready`)).status === 503);
    const { status, checks } = (await (await fetch(`${system.internal2}/health/ready`)).json()) as Ready;
    t.deepEqual([status, checks['draining']], ['unready', 'yes']);
    socket.write(body);
    t.is(await ended, 'exit code 0');
    t.regex(heard, /HTTP\/1.1 201 Created/);
    await system.start('api2');
  },
);

for (const app of ['matcher', 'workers'] as const) {
  test.serial(`${app}: SIGTERM under load, it ends well and nothing is lost or doubled`, async (t) => {
    t.timeout(rounds * 60_000 + 120_000);
    const { system } = t.context;
    const chaos = createChaos(t);
    await underLoad(t, t.context, chaos, async () => {
      for (let round = 0; round < rounds; round += 1) {
        t.is(await system.stopApp(app), 'exit code 0');
        await system.start(app);
        await chaos.moment(200, 800);
      }
    });
  });
}
