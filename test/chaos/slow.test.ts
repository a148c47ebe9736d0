import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { rounds, type Trial } from '../_support/chaos.ts';
import { type Call, type Client, createClient } from '../_support/client.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { memoryOf } from '../_support/memory.ts';
import { serverNames, type ServerName } from '../_support/own-servers.ts';
import { type Trouble, troubles } from '../_support/proxy.ts';
import { startSystem } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context extends Trial {
  readonly api: Client;
  /** Of whom nothing is cancelled. */
  readonly traders: Readonly<Record<'SELL' | 'BUY', Customer>>;
}
const test = anyTest as TestFn<Context>;

const isLong = rounds > 1;
const holdMs = isLong ? 15_000 : 1_500;
/** A place in the pool and then an answer, twice: of who asks, and of what is asked. */
const deadlineMs = 2 * (5_000 + 4_000);
const liveWithinMs = 10_000;
/** The SDK asks a silent connection whether it lives after 30 s, for 15 s, and cannot be told otherwise. */
const silentWorkerMs = 50_000;
const everyMs = 100;

test.before(async (t) => {
  const plenty = '1000000';
  const env = {
    DB_STATEMENT_TIMEOUT: '4s',
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_USER_PER_MINUTE: plenty,
    RATE_LIMIT_ORDERS_PER_SECOND: plenty,
    RATE_LIMIT_CANCELS_PER_SECOND: plenty,
    RATE_LIMIT_ANONYMOUS_PER_MINUTE: plenty,
  };
  const system = await startSystem(env, { through: serverNames });
  const [seller, buyer, ...customers] = await createCustomers(system.internal, 12);
  t.context = {
    system,
    customers,
    traders: { SELL: seller!, BUY: buyer! },
    api: createClient(system.rest, { connections: 1_000, timeoutMs: 60_000 }),
  };
});
test.after.always(async ({ context: { api, system } }) => {
  api.close();
  await system.stop();
});

const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };

/** What callers go on asking for, and what it needs: without that it need not succeed, but has to end. */
const calls: readonly (readonly [needs: readonly ServerName[], call: Call])[] = [
  [[], { method: 'GET', path: '/health/live' }],
  [['postgres'], { method: 'GET', path: '/api/v1/wallets' }],
  [['postgres'], { method: 'GET', path: '/api/v1/orders' }],
  [['postgres'], { method: 'PATCH', path: '/api/v1/users/me', body: { first_name: 'Alice' } }],
  [['postgres', 'redis'], { method: 'POST', path: '/api/v1/orders', body: order }],
  [['postgres', 'redis'], { method: 'DELETE', path: '/api/v1/orders?symbol=BTC-USDT' }],
];

interface Ended {
  readonly what: string;
  readonly needs: readonly ServerName[];
  readonly status: number;
  readonly ms: number;
}

/** Asks for everything, again and again, and waits for nothing meanwhile. */
async function ask({ api, customers }: Context, ms: number): Promise<readonly Ended[]> {
  const asked: Promise<Ended>[] = [];
  const over = performance.now() + ms;
  while (performance.now() < over) {
    const { token } = customers[asked.length % customers.length]!;
    for (const [needs, call] of calls) {
      const what = `${call.method} ${call.path}`;
      const before = performance.now();
      const status = api.send({ ...call, token }).then(
        (reply) => reply.status,
        () => 0,
      );
      asked.push(status.then((one) => ({ what, needs, status: one, ms: performance.now() - before })));
    }
    await sleep(everyMs);
  }
  return Promise.all(asked);
}

const slowest = (ended: readonly Ended[]): number => Math.round(Math.max(0, ...ended.map(({ ms }) => ms)));

/** Two orders that trade. Milliseconds until both are answered and filled, and until their trade is settled. */
async function trade({ api, traders, system }: Context): Promise<readonly [filled: number, settled: number]> {
  const begun = performance.now();
  const wish = { ...order, price: '50000', time_in_force: 'GTC' };
  for (const side of ['SELL', 'BUY'] as const) {
    const body = { ...wish, side, client_order_id: `probe-${begun}` };
    const call: Call = { method: 'POST', path: '/api/v1/orders', token: traders[side].token, body };
    await until(async () => (await api.send(call)).status === 201, 60_000);
  }
  const left = "SELECT count(*)::int AS left FROM trading.orders WHERE client_order_id = $1 AND status <> 'FILLED'";
  await until(async () => (await system.db.one<{ left: number }>(left, `probe-${begun}`)).left === 0, 60_000);
  const filled = performance.now() - begun;
  await untilQuiet(system.db, silentWorkerMs);
  return [Math.round(filled), Math.round(performance.now() - begun)];
}

async function endure(t: ExecutionContext<Context>, server: ServerName, trouble: Trouble): Promise<void> {
  const { system } = t.context;
  const proxy = system.proxies[server]!;
  const before = memoryOf(system.pid('api'));
  proxy.make(trouble);
  const asking = ask(t.context, holdMs);
  await sleep(holdMs);
  proxy.make(undefined);
  const [filled, settled] = await trade(t.context);
  const ended = await asking;
  const others = ended.filter(({ needs }) => !needs.includes(server));
  const grown = memoryOf(system.pid('api')) - before;
  t.log(
    `${ended.length} calls, slowest ${slowest(ended)} ms, of others ${slowest(others)} ms; ` +
      `a trade after ${filled} ms, settled after ${settled} ms; ${Math.round(grown)} MiB more`,
  );
  const wrong = ended.filter(({ status }) => status === 0 || (status >= 500 && status !== 503));
  t.deepEqual(wrong.slice(0, 3), [], 'each is answered, if by 503');
  t.true(slowest(ended) < deadlineMs, 'each ends by its deadline');
  t.deepEqual(others.filter(({ status }) => status >= 400).slice(0, 3), [], 'what needs something else goes on');
  t.true(slowest(others) < 2_000);
  t.true(grown < 100);
  t.true(filled < liveWithinMs);
  t.true(settled < (isSilent(server, trouble) ? silentWorkerMs : liveWithinMs));
  const { count } = await system.db.one<{ count: number }>(
    "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'api' AND datname = current_database()",
  );
  t.true(count <= 2 * 20, 'a pool of 20, and what PostgreSQL still holds of connections that were cut');
  t.deepEqual(await findBreaks(system.db), []);
  t.deepEqual(system.lost(), []);
}

const isSilent = (server: ServerName, trouble: Trouble): boolean => server === 'temporal' && trouble === 'half-open';

for (const server of serverNames) {
  for (const trouble of troubles) {
    // Takes most of a minute.
    if (isSilent(server, trouble) && !isLong) continue;
    test.serial(`${server}: ${trouble}, every call ends and all is well soon after`, async (t) => {
      t.timeout(180_000);
      await endure(t, server, trouble);
    });
  }
}
