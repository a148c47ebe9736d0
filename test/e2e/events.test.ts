import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WebSocket } from 'ws';
import { Customer } from '../../scripts/demo/customer.ts';
import { findOddEvents, readEvents } from '../_support/events.ts';
import { request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context {
  readonly system: System;
  readonly api: string;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, api: `${system.rest}/api/v1` };
});
test.after.always(({ context }) => context.system.stop());

interface Notice {
  readonly notice_id: string;
  readonly type: string;
  readonly details: Readonly<Record<string, string | null>>;
}
interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

const password = 'correct horse battery';

/** Follows a customer's notifications; answers those that came. */
async function follow({ rest }: System, token: string) {
  const socket = new WebSocket(`${rest.replace('http', 'ws')}/ws?token=${token}`);
  const notices: Notice[] = [];
  let begun = false;
  socket.on('message', (text: Buffer) => {
    const { type, data } = JSON.parse(text.toString()) as { type?: string; data?: readonly Notice[] };
    if (type === 'snapshot') begun = true;
    notices.push(...(data ?? []));
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ op: 'subscribe', channels: ['notifications'] }));
  await until(() => begun);
  return { notices, close: () => socket.close() };
}

const summaryOf = ({ type, details }: Notice): string =>
  [type, details['status'] ?? details['asset'] ?? details['kyc_status']]
    .filter((part) => typeof part === 'string')
    .join(' ');

/** An order of this customer is partly filled by another’s, then by nobody, and cancelled with all others. */
async function trade(t: ExecutionContext<Context>, token: string): Promise<void> {
  const { system, api } = t.context;
  const other = await request('POST', `${system.internal}/api/v1/dev/users`, {
    body: { kyc: 'verified', balances: { BTC: '1' } },
  });
  const place = async (by: string, side: string, more: object): Promise<string> => {
    const limit = { symbol: 'BTC/USDT', order_type: 'LIMIT', time_in_force: 'GTC', price: '50000' };
    const { status, body } = await request('POST', `${api}/orders`, { token: by, body: { ...limit, side, ...more } });
    t.is(status, 201, JSON.stringify(body));
    return String(body['order_id']);
  };
  // Events tell how a batch leaves an order: what follows belongs to another batch.
  const untilIs = (id: string, status: string): Promise<void> =>
    until(async () => (await request('GET', `${api}/orders/${id}`, { token })).body['status'] === status);
  const bid = await place(token, 'BUY', { quantity: '0.2' });
  await untilIs(bid, 'OPEN');
  await place(String(other.body['access_token']), 'SELL', { quantity: '0.1' });
  await untilIs(bid, 'PARTIALLY_FILLED');
  await place(token, 'SELL', { quantity: '0.1', self_trade_prevention: 'EXPIRE_TAKER' });
  await request('DELETE', `${api}/orders`, { token });
}

/** The subjects of the mails to an address, in the order of the alphabet. */
async function mailsTo({ inbox }: System, email: string): Promise<readonly string[]> {
  const { body } = await request<{ items: readonly { subject: string }[] }>('GET', `${inbox}/mails?to=${email}`);
  return body.items.map(({ subject }) => subject).toSorted();
}

test('events: what customers do end to end, fits its schemas, is noticed live and mailed once', async (t) => {
  t.timeout(90_000);
  const { system, api } = t.context;
  const registered = new Customer('Ada', { rest: api, internal: `${system.internal}/api/v1` });
  await registered.register();
  await registered.verify();

  const email = 'eve@example.com';
  const made = await request('POST', `${system.internal}/api/v1/dev/users`, {
    body: { kyc: 'verified', email, password, balances: { BTC: '1', USDT: '100000' } },
  });
  t.is(made.status, 201);
  const logIn = async (device: string): Promise<Tokens> => {
    const options = { body: { email, password }, headers: { 'user-agent': device } };
    return (await request<Tokens>('POST', `${api}/auth/login`, options)).body;
  };
  const { access_token: token, refresh_token: parent } = await logIn('first device');
  // By a session of its own: the other one is stolen below.
  const feed = await follow(system, String(made.body['access_token']));
  await logIn('first device');
  await logIn('second device');

  await request('PATCH', `${api}/users/me`, { token, body: { first_name: 'Eve' } });
  const deposit = { user_id: (made.body['user'] as { user_id: string }).user_id, asset: 'USDT', amount: '5.50' };
  await request('POST', `${system.internal}/api/v1/dev/deposits`, { body: { ...deposit, reference: 'one' } });

  await trade(t, token);

  // The parent again, after its child was used: somebody has copied it.
  const { body: child } = await request<Tokens>('POST', `${api}/auth/refresh`, { body: { refresh_token: parent } });
  await request('GET', `${api}/users/me`, { token: child.access_token });
  const again = (await logIn('first device')).access_token;
  t.is((await request('POST', `${api}/auth/refresh`, { body: { refresh_token: parent } })).status, 401);
  const wanted = ['deposit.credited USDT', 'user.logged_in', 'user.session.revoked'];
  await until(() => wanted.every((each) => feed.notices.map(summaryOf).includes(each)), 20_000);
  feed.close();
  t.is(new Set(feed.notices.map(({ notice_id }) => notice_id)).size, feed.notices.length);

  const change = { current_password: password, new_password: 'another horse battery' };
  const changed = await request('POST', `${api}/users/me/password`, { token: again, body: change });
  t.is(changed.status, 204);

  const letters = [
    'A sign-in on a new device',
    'We ended one of your sessions',
    'Your deposit of 1 BTC has arrived',
    'Your deposit of 100000 USDT has arrived',
    'Your deposit of 5.5 USDT has arrived',
    'Your password was changed',
  ];
  await until(async () => (await mailsTo(system, email)).length >= letters.length, 20_000);
  t.deepEqual(await mailsTo(system, email), letters);

  await until(async () => (await readEvents(system.env['REDIS_URL']!)).some(({ type }) => type === 'order.cancelled'));
  const events = await readEvents(system.env['REDIS_URL']!);
  t.deepEqual(findOddEvents(events), []);
  const types = new Set(events.map(({ type }) => type));
  const produced = [
    ...['user.registered', 'user.email.verified', 'user.logged_in', 'user.profile.updated', 'user.password.changed'],
    ...['user.kyc.updated', 'user.session.revoked', 'deposit.credited', 'wallet.balances.changed'],
    ...['order.open', 'order.partially_filled', 'order.filled', 'order.cancelled', 'trade.executed'],
  ];
  t.deepEqual(
    produced.filter((type) => !types.has(type)),
    [],
  );
});

test('events: their document, is at the internal door', async (t) => {
  const { body } = await request<{ channels: object }>('GET', `${t.context.system.internal}/asyncapi.json`);
  t.true('trade_events' in body.channels);
});

test('events: of a type or form that the contract does not know, are found', (t) => {
  const of = (stream: string, event: { readonly type: string }) => ({
    stream,
    type: event.type,
    text: JSON.stringify(event),
  });
  t.is(findOddEvents([of('trade.events', { type: 'user.registered' })]).length, 1);
  t.is(findOddEvents([of('trade.events', { type: 'trade.executed' })]).length, 1);
});
