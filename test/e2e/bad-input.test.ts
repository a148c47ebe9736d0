import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { connect, refusal, invoke, type Rpc, withToken } from '../integration/grpc/kit.ts';
import { untilQuiet } from '../_support/books.ts';
import { request } from '../_support/http.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { good, known, rows } from './bad-orders.ts';

interface Context {
  readonly system: System;
  readonly api: string;
  readonly grpc: Rpc;
  readonly customer: Customer;
  readonly stranger: Customer;
  /** A resting order of the customer, placed under `known`. */
  readonly orderId: string;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  const api = `${system.rest}/api/v1`;
  t.context = { system, api } as Context;
  const [customer, stranger] = await createCustomers(system.internal, 2, { USDT: '100', BTC: '0.1' });
  const placed = await request('POST', `${api}/orders`, { token: customer!.token, body: known });
  t.is(placed.status, 201, JSON.stringify(placed.body));
  await untilQuiet(system.db);
  const orderId = String(placed.body['order_id']);
  t.context = {
    system,
    api,
    customer: customer!,
    stranger: stranger!,
    orderId,
    grpc: connect(system.grpc, 'OrderService'),
  };
});
test.after.always(async ({ context: { grpc, system } }) => {
  (grpc as Rpc | undefined)?.close();
  await system.stop();
});

/** What no bad input may change. */
const countRows = async ({ system }: Context): Promise<unknown> =>
  system.db.one(
    `SELECT (SELECT count(*) FROM trading.orders) AS orders, (SELECT count(*) FROM trading.commands) AS commands,
            (SELECT count(*) FROM trading.client_order_ids WHERE refusal IS NULL) AS ids,
            (SELECT count(*) FROM ledger.reservations) AS reservations,
            (SELECT count(*) FROM ledger.transfers) AS transfers,
            (SELECT sum(balance) FROM ledger.accounts WHERE kind = 'reserved') AS reserved,
            (SELECT count(*) FROM identity.users) AS users, (SELECT count(*) FROM compliance.decisions) AS decisions`,
  );

test.serial('REST orders: each row of bad input, its code and field, and nothing changes', async (t) => {
  const { api, customer } = t.context;
  const before = await countRows(t.context);
  for (const { title, status, code, pointer, ...sent } of rows) {
    const answer = await request('POST', `${api}/orders`, { token: customer.token, ...sent });
    t.like(answer, { status, body: { code, status } }, `${title}: ${JSON.stringify(answer.body)}`);
    t.is(typeof answer.body['trace_id'], 'string', title);
    const named = (answer.body['errors'] as { pointer: string }[] | undefined)?.map((error) => error.pointer) ?? [];
    if (pointer !== undefined)
      t.true(named.includes(pointer), `${title} names ${pointer}: ${JSON.stringify(answer.body)}`);
  }
  t.deepEqual(await countRows(t.context), before);
});

/** How the proto package writes enumerations. */
const toProto = ({ side, order_type, time_in_force, ...rest }: Record<string, unknown>): object => ({
  ...rest,
  ...(typeof side === 'string' && { side: `ORDER_SIDE_${side}` }),
  ...(typeof order_type === 'string' && { order_type: `ORDER_TYPE_${order_type}` }),
  ...(typeof time_in_force === 'string' && { time_in_force: `TIME_IN_FORCE_${time_in_force}` }),
});

test.serial(
  'gRPC PlaceOrder: each row of bad input, the same code and field as over REST, and nothing changes',
  async (t) => {
    const { grpc, customer } = t.context;
    const before = await countRows(t.context);
    for (const { title, code, pointer, body } of rows.filter(({ restOnly }) => restOnly === undefined)) {
      const call = invoke(grpc, 'PlaceOrder', toProto(body as Record<string, unknown>), withToken(customer.token));
      const refused = await refusal(call);
      t.is(refused.code, code, `${title}: ${JSON.stringify(refused.problem)}`);
      const named =
        (refused.problem['errors'] as { pointer: string }[] | undefined)?.map((error) => error.pointer) ?? [];
      if (pointer !== undefined) t.true(named.includes(pointer), `${title}: ${JSON.stringify(refused.problem)}`);
    }
    t.deepEqual(await countRows(t.context), before);
  },
);

test.serial('orders: the same client_order_id and content again, the first answer and nothing new', async (t) => {
  const { api, customer, orderId } = t.context;
  const before = await countRows(t.context);
  for (const body of [known, { ...known, price: '30000.00', quantity: '0.00100' }]) {
    const again = await request('POST', `${api}/orders`, { token: customer.token, body });
    t.like(again, { status: 201, body: { order_id: orderId, status: 'PENDING' } });
  }
  t.deepEqual(await countRows(t.context), before);
});

test.serial("orders: somebody else's or unknown, 404 alike and nothing changes", async (t) => {
  const { api, stranger, orderId } = t.context;
  const before = await countRows(t.context);
  const unknown = '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f';
  for (const method of ['GET', 'DELETE']) {
    const [theirs, none] = await Promise.all(
      [orderId, unknown].map((id) => request(method, `${api}/orders/${id}`, { token: stranger.token })),
    );
    const strip = ({ trace_id: _, instance: __, ...rest }: Record<string, unknown>) => rest;
    t.like(theirs, { status: 404, body: { code: 'ORDER_NOT_FOUND' } });
    t.deepEqual(strip(theirs!.body), strip(none!.body));
  }
  const malformed = await request('GET', `${api}/orders/1%20OR%201=1`, { token: stranger.token });
  t.like(malformed, { status: 400, body: { code: 'INVALID_REQUEST' } });
  t.deepEqual(await countRows(t.context), before);
});

/** As a development system makes it from its secret: only with it can a token be expired and well signed. */
function developmentKey(): KeyObject {
  const seed = createHash('sha256').update('development-only-secret-of-32-characters').digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

test.serial('orders: requests without a good token, 401 and nothing changes', async (t) => {
  const { api, customer, grpc } = t.context;
  const before = await countRows(t.context);
  const [, payload = ''] = customer.token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const [header, body, signature = ''] = customer.token.split('.');
  const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  const secret = new TextEncoder().encode('development-only-secret-of-32-characters');
  const signed = (key: KeyObject, more: object) =>
    new SignJWT({ ...claims, ...more })
      .setProtectedHeader({ ...decodeProtectedHeader(customer.token), alg: 'EdDSA' })
      .sign(key);
  const otherClaims = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
  const past = Math.floor(Date.now() / 1000) - 3_600;
  const tokens: Record<string, string | undefined> = {
    none: undefined,
    nonsense: 'nonsense',
    unsigned: new UnsecuredJWT(claims).encode(),
    'with another signature': `${header}.${body}.${flipped}`,
    'with other claims': `${header}.${otherClaims}.${signature}`,
    'signed by our key, expired': await signed(developmentKey(), { iat: past - 900, nbf: past - 900, exp: past }),
    'signed by another key': await signed(generateKeyPairSync('ed25519').privateKey, {}),
    'signed by HS256': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret),
  };
  const good201 = await request('POST', `${api}/orders`, { token: await signed(developmentKey(), {}), body: known });
  t.is(good201.status, 201, 'our key is the development key');
  for (const [what, token] of Object.entries(tokens)) {
    const answer = await request('POST', `${api}/orders`, { token, body: good });
    t.like(answer, { status: 401, body: { code: 'UNAUTHENTICATED' } }, what);
    const call = invoke(grpc, 'PlaceOrder', toProto(good), token === undefined ? undefined : withToken(token));
    t.is((await refusal(call)).code, 'UNAUTHENTICATED', what);
  }
  t.deepEqual(await countRows(t.context), before);
});
