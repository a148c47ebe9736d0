import { createServer, connect, type AddressInfo } from 'node:net';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Client, createClient, type Reply } from '../_support/client.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { showSecondFactor } from '../_support/second-factor.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect as connectRpc, invoke, refusal, type Rpc, withToken } from '../integration/grpc/kit.ts';

interface Context {
  readonly system: System;
  /** One of each API process. */
  readonly doors: readonly Client[];
  readonly grpc: Rpc;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  const doors = [system.rest, system.rest2].map((base) => createClient(`${base}/api/v1`));
  t.context = { system, doors, grpc: connectRpc(system.grpc, 'OrderService') };
  await system.start('api2');
});
test.after.always(async ({ context: { system, doors, grpc } }) => {
  grpc.close();
  for (const door of doors) door.close();
  await system.stop();
});

/** Far below the market: it rests. */
const resting = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };

async function newCustomer({ system }: Context, balances: Readonly<Record<string, string>>): Promise<Customer> {
  const [customer] = await createCustomers(system.internal, 1, balances);
  return customer!;
}

/** The same to both API processes in turn, all at once. */
const together = (
  { doors }: Context,
  count: number,
  call: (door: Client, number: number) => Promise<Reply>,
): Promise<readonly Reply[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => call(doors[number % doors.length]!, number)));

interface Held {
  readonly orders: number;
  readonly reservations: number;
  readonly available: string;
  readonly reserved: string;
}

const heldBy = ({ system }: Context, { userId }: Customer): Promise<Held> =>
  system.db.one<Held>(
    `SELECT (SELECT count(*)::int FROM trading.orders WHERE user_id = $<userId>) AS orders,
            (SELECT count(*)::int FROM ledger.reservations WHERE user_id = $<userId>) AS reservations,
            trim_scale(sum(balance) FILTER (WHERE kind = 'available'))::text AS available,
            trim_scale(sum(balance) FILTER (WHERE kind = 'reserved'))::text AS reserved
       FROM ledger.accounts WHERE owner_id = $<userId> AND asset = 'USDT'`,
    { userId },
  );

const byStatus = (replies: readonly Reply[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of replies) {
    const key = status < 400 ? String(status) : `${status} ${String(body['code'])}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
};

async function sound(t: ExecutionContext<Context>): Promise<void> {
  await untilQuiet(t.context.system.db);
  t.deepEqual(await findBreaks(t.context.system.db), []);
}

const ids = {
  'one Idempotency-Key': { headers: { 'idempotency-key': 'races-1' }, body: resting },
  'one client_order_id': { headers: {}, body: { ...resting, client_order_id: 'races-1' } },
};
for (const [what, sent] of Object.entries(ids)) {
  test.serial(`orders: 50 at once with ${what} over two processes, one order and one answer`, async (t) => {
    const customer = await newCustomer(t.context, { USDT: '1000' });
    const { token } = customer;
    const replies = await together(t.context, 50, (door) =>
      door.send({ method: 'POST', path: '/orders', token, ...sent }),
    );
    const placed = replies.filter(({ status }) => status === 201);
    t.true(placed.length > 0);
    t.is(new Set(placed.map(({ body }) => JSON.stringify(body))).size, 1, 'never two different answers');
    const others = replies.filter(({ status }) => status !== 201);
    t.deepEqual(
      others.filter(({ body }) => body['code'] !== 'IDEMPOTENCY_IN_PROGRESS'),
      [],
    );
    t.deepEqual(await heldBy(t.context, customer), { orders: 1, reservations: 1, available: '970', reserved: '30' });
    await sound(t);
  });
}

test.serial(
  'orders: 50 at once with one client_order_id and two contents, one is placed, others refused',
  async (t) => {
    const customer = await newCustomer(t.context, { USDT: '1000' });
    const { token } = customer;
    const replies = await together(t.context, 50, (door, number) => {
      const body = { ...resting, quantity: number % 3 === 0 ? '0.001' : '0.002', client_order_id: 'races-2' };
      return door.send({ method: 'POST', path: '/orders', token, body });
    });
    t.is(new Set(replies.filter(({ status }) => status === 201).map(({ body }) => body['order_id'])).size, 1);
    t.deepEqual(Object.keys(byStatus(replies)).sort(), ['201', '422 IDEMPOTENCY_CONFLICT']);
    t.like(await heldBy(t.context, customer), { orders: 1, reservations: 1 });
  },
);

/** An order over gRPC, answered as REST would. */
async function placeByRpc({ grpc }: Context, { token }: Customer): Promise<Reply> {
  const order = { ...resting, side: 'ORDER_SIDE_BUY', order_type: 'ORDER_TYPE_LIMIT' };
  const call = invoke(grpc, 'PlaceOrder', order, withToken(token));
  try {
    return { status: 201, body: await call };
  } catch {
    const { problem } = await refusal(call);
    return { status: Number(problem['status']), body: problem };
  }
}

for (const affordable of [1, 7]) {
  const title = `balance: 100 orders at once, over REST and gRPC, funds for ${affordable}, exactly those are placed`;
  test.serial(title, async (t) => {
    const customer = await newCustomer(t.context, { USDT: String(30 * affordable + 29) });
    const watching = new AbortController();
    const lowest = watch(t.context, customer, watching.signal);
    const { token } = customer;
    const replies = await together(t.context, 100, (door, number) =>
      number % 3 === 0
        ? placeByRpc(t.context, customer)
        : door.send({ method: 'POST', path: '/orders', token, body: resting }),
    );
    watching.abort();
    t.deepEqual(byStatus(replies), { 201: affordable, '422 INSUFFICIENT_FUNDS': 100 - affordable });
    t.true((await lowest) >= 0, 'never below zero');
    const reserved = String(30 * affordable);
    const held = { orders: affordable, reservations: affordable, available: '29', reserved };
    t.deepEqual(await heldBy(t.context, customer), held);
    await sound(t);
  });
}

test.serial('balance: 50 orders and 50 withdrawals at once, each for the whole balance, one is taken', async (t) => {
  const customer = await newCustomer(t.context, { BTC: '0.1' });
  const { token } = customer;
  await showSecondFactor(`${t.context.system.rest}/api/v1`, token);
  const sell = { symbol: 'BTC/USDT', side: 'SELL', order_type: 'LIMIT', price: '70000', quantity: '0.1' };
  const replies = await together(t.context, 100, (door, number) => {
    if (number % 4 < 2) return door.send({ method: 'POST', path: '/orders', token, body: sell });
    const body = { asset: 'BTC', amount: '0.1', address: 'dev1qdestination', client_withdrawal_id: `race-${number}` };
    return door.send({ method: 'POST', path: '/withdrawals', token, body });
  });
  t.is(replies.filter(({ status }) => status < 300).length, 1, JSON.stringify(byStatus(replies)));
  t.is(
    replies.filter(({ body }) => body['code'] === 'INSUFFICIENT_FUNDS').length,
    99,
    JSON.stringify(byStatus(replies)),
  );
  const balances = await t.context.system.db.many(
    `SELECT kind, trim_scale(balance)::text AS balance FROM ledger.accounts
      WHERE owner_id = $1 AND asset = 'BTC' ORDER BY kind`,
    [customer.userId],
  );
  t.deepEqual(balances, [
    { kind: 'available', balance: '0' },
    { kind: 'reserved', balance: '0.1' },
  ]);
  await sound(t);
});

/** The lowest available balance that anybody could see meanwhile. */
async function watch(context: Context, customer: Customer, over: AbortSignal): Promise<number> {
  let lowest = Infinity;
  while (!over.aborted) lowest = Math.min(lowest, Number((await heldBy(context, customer)).available));
  return lowest;
}

test.serial('balance: orders and reservations of other services at once, exactly what the funds allow', async (t) => {
  const customer = await newCustomer(t.context, { USDT: '90' });
  const { userId: user_id, token } = customer;
  const internal = createClient(`${t.context.system.internal}/api/v1`);
  t.teardown(() => internal.close());
  const serviceToken = 'development-only-service-token-32-chars';
  const replies = await together(t.context, 100, (door, number) => {
    if (number % 2 === 0) return door.send({ method: 'POST', path: '/orders', token, body: resting });
    const order_id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const body = { user_id, asset: 'USDT', amount: '30', order_id, reason: 'BUY_ORDER' };
    return internal.send({ method: 'POST', path: '/wallets/reserve', token: serviceToken, body });
  });
  t.is(replies.filter(({ status }) => status < 300).length, 3, JSON.stringify(byStatus(replies)));
  t.is(replies.filter(({ body }) => body['code'] === 'INSUFFICIENT_FUNDS').length, 97);
  t.like(await heldBy(t.context, customer), { reservations: 3, available: '0', reserved: '90' });
});

/** Passes requests on and keeps every answer to itself: for the caller the server dies before it answers. */
async function startMuteProxy(target: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const { hostname, port } = new URL(target);
  const server = createServer((socket) => {
    const onward = connect(Number(port), hostname);
    for (const end of [socket, onward]) end.on('error', () => undefined);
    socket.pipe(onward);
    onward.resume().on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test.serial(
  'api: killed after the commit and before its answer, the retry gets the same order and one hold',
  async (t) => {
    const { system, doors } = t.context;
    const customer = await newCustomer(t.context, { USDT: '1000' });
    const { token } = customer;
    const proxy = await startMuteProxy(system.rest2);
    const client = createClient(`${proxy.url}/api/v1`);
    t.teardown(() => {
      client.close();
      proxy.close();
    });
    const body = { ...resting, client_order_id: 'killed-1' };
    const unanswered = client.send({ method: 'POST', path: '/orders', token, body });
    unanswered.catch(() => undefined);
    await until(async () => (await heldBy(t.context, customer)).orders === 1);
    await system.kill('api2');
    await t.throwsAsync(unanswered, undefined, 'the caller got no answer');
    const retried = await doors[0]!.send({ method: 'POST', path: '/orders', token, body });
    t.is(retried.status, 201);
    const { order_id } = await system.db.one<{ order_id: string }>(
      'SELECT order_id FROM trading.orders WHERE user_id = $1',
      [customer.userId],
    );
    t.is(retried.body['order_id'], order_id);
    t.deepEqual(await heldBy(t.context, customer), { orders: 1, reservations: 1, available: '970', reserved: '30' });
    await system.start('api2');
    await sound(t);
  },
);
