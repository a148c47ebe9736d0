import anyTest, { type TestFn } from 'ava';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { pause } from '../../platform/wait.ts';

const test = anyTest as TestFn<{ readonly system: System; readonly tokens: string[] }>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['temporal'] });
  const customers = await createCustomers(system.internal, 4, { USDT: '1000' });
  t.context = { system, tokens: customers.map(({ token }) => token) };
});
test.after.always((t) => t.context.system.stop());

const bid = { side: 'BUY', order_type: 'LIMIT' };
const bids = [
  { ...bid, symbol: 'BTC/USDT', price: '30000', quantity: '0.001' },
  { ...bid, symbol: 'ETH/USDT', price: '2000', quantity: '0.01' },
];

interface Shown {
  readonly symbol: string;
  readonly status: string;
  readonly reject_reason: string | null;
}

/** What one customer does and sees. */
function actAs({ rest }: System, token: string) {
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await request<T>(method, `${rest}/api/v1${path}`, {
      token,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw new Error(`${method} ${path} answers ${answer.status}`);
    return answer.body;
  };
  const orders = async (): Promise<readonly string[]> => {
    const { items } = await call<{ items: readonly Shown[] }>('GET', '/orders');
    return items.map(({ symbol, status, reject_reason }) => `${symbol} ${status} ${reject_reason}`).sort();
  };
  return {
    orders,
    /** One in each market, and once both rest. */
    async place() {
      for (const body of bids) await call('POST', '/orders?response=result', body);
    },
    set: (seconds: number, symbol?: string) => call('POST', '/orders/cancel-all-after', { seconds, symbol }),
    async reserved() {
      const { items } = await call<{ items: readonly { asset: string; reserved: string }[] }>('GET', '/wallets');
      return items.find(({ asset }) => asset === 'USDT')?.reserved;
    },
    untilEnded: () => until(async () => (await orders()).every((order) => !order.includes(' OPEN ')), 60_000),
  };
}

/** Markets in which somebody's orders were ended, one line for each command. */
const fired = ({ db }: System): Promise<readonly string[]> =>
  db.map(
    `SELECT symbol, outcome FROM trading.commands WHERE reason = 'CANCEL_ALL_AFTER' ORDER BY created_at, symbol`,
    [],
    ({ symbol, outcome }: { symbol: string; outcome: string }) => `${symbol} ${outcome}`,
  );

const runs = async ({ temporal }: System): Promise<number> => {
  let count = 0;
  for await (const run of temporal.client.workflow.list({ query: `WorkflowType = 'cancelAllAfter'` })) {
    count += Number(run.runId !== '');
  }
  return count;
};

test.serial(
  'cancel-all-after: 2 s on one of two markets, ends the orders there and gives back what they reserved',
  async (t) => {
    const { system, tokens } = t.context;
    const alice = actAs(system, tokens[0]!);
    await alice.place();
    t.is(await alice.reserved(), '50');
    await alice.set(2, 'BTC/USDT');
    const expected = ['BTC/USDT CANCELLED CANCEL_ALL_AFTER', 'ETH/USDT OPEN null'];
    await until(async () => (await alice.orders()).join() === expected.join(), 20_000);
    t.is(await alice.reserved(), '20');
    t.deepEqual(await fired(system), ['BTC/USDT DONE']);
    await alice.place();
    await pause(500);
    t.is((await alice.orders()).filter((order) => order.includes(' OPEN ')).length, 3, 'later orders stay');
    await alice.set(1, 'BTC/USDT');
    await until(async () => !(await alice.orders()).includes('BTC/USDT OPEN null'), 20_000);
    t.deepEqual(await fired(system), ['BTC/USDT DONE', 'BTC/USDT DONE']);
  },
);

test.serial(
  'cancel-all-after: renewed 20 times a second, one workflow sleeps; then silence, all orders end',
  async (t) => {
    const { system, tokens } = t.context;
    const bob = actAs(system, tokens[1]!);
    const before = await runs(system);
    await bob.place();
    for (let times = 0; times < 80; times += 1) {
      await bob.set(2);
      await pause(50);
    }
    t.true((await bob.orders()).every((order) => order.includes(' OPEN ')));
    await bob.untilEnded();
    t.deepEqual(await bob.orders(), ['BTC/USDT CANCELLED CANCEL_ALL_AFTER', 'ETH/USDT CANCELLED CANCEL_ALL_AFTER']);
    t.is(await bob.reserved(), '0');
    await until(async () => (await runs(system)) === before + 1);
  },
);

test.serial('cancel-all-after: workers killed at the deadline, another one fires once', async (t) => {
  const { system, tokens } = t.context;
  const carol = actAs(system, tokens[2]!);
  const before = (await fired(system)).length;
  await carol.place();
  await carol.set(2);
  await pause(1_950);
  await system.kill('workers');
  await system.start('workers');
  await carol.untilEnded();
  await untilQuiet(system.db, 30_000);
  t.deepEqual((await fired(system)).slice(before), ['BTC/USDT DONE', 'ETH/USDT DONE']);
  t.is(await carol.reserved(), '0');
});

test.serial('cancel-all-after: Temporal away at the deadline, fires once when it is back', async (t) => {
  const { system, tokens } = t.context;
  const dave = actAs(system, tokens[3]!);
  const before = (await fired(system)).length;
  await dave.place();
  await dave.set(2);
  await pause(1_000);
  await system.servers.temporal!.kill();
  await pause(3_000);
  t.true((await dave.orders()).every((order) => order.includes(' OPEN ')));
  await system.servers.temporal!.start();
  await dave.untilEnded();
  await untilQuiet(system.db, 30_000);
  t.deepEqual((await fired(system)).slice(before), ['BTC/USDT DONE', 'ETH/USDT DONE']);
  t.deepEqual(await findBreaks(system.db), []);
});
