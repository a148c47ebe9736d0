import test from 'ava';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { until } from '../../_support/until.ts';
import type { Market } from '../market-data/kit.ts';
import { tellOrder, withDoor } from './kit.ts';

/** Answers the event's id. */
async function tellUser(
  { redis, newId }: Market,
  userId: string,
  event: { readonly type: string; readonly payload: Readonly<Record<string, unknown>> },
  id = newId(),
): Promise<string> {
  await createStreamProducer({ redis, maxLength: 1_000 }).publish('user-service:events', {
    ...event,
    id,
    version: 1,
    timestamp: new Date().toISOString(),
    trace_id: '0',
    user_id: userId,
    metadata: { source: 'test' },
  });
  return id;
}

test('websocket: public channels without login, the answer first, then snapshot and updates in sequence', (t) =>
  withDoor(async ({ market, connect }) => {
    await market.publish(await market.commit([['BUY', '99', '1']]));
    const client = await connect();
    client.say({ op: 'subscribe', channels: ['depth:BTC-USDT', 'trades:BTC-USDT'] });
    const last = () => client.on('depth:BTC-USDT').at(-1);
    await until(() => last()?.['last_sequence'] === 1);
    t.deepEqual(client.messages[0], { op: 'subscribe', ok: true });
    await market.publish(await market.commit([['SELL', '101', '2']], 1));
    await until(() => last()?.['last_sequence'] === 2);
    t.like(last(), { first_sequence: 2, type: 'update', data: { bids: [], asks: [['101', '2']] } });
    await until(() => client.on('trades:BTC-USDT').at(-1)?.['last_sequence'] === 1);
    client.say({ op: 'unsubscribe', channels: ['depth:BTC-USDT'] });
    await until(() => client.messages.some((message) => message['op'] === 'unsubscribe'));
    const count = client.on('depth:BTC-USDT').length;
    await market.publish(await market.commit([['SELL', '102', '2']], 1));
    await until(() => client.on('trades:BTC-USDT').at(-1)?.['last_sequence'] === 2);
    t.is(client.on('depth:BTC-USDT').length, count);
  }));

test('websocket: private channels, show the caller’s own alone', (t) =>
  withDoor(async ({ market, connect }) => {
    const [alice, bob] = [await connect('?token=alice'), await connect()];
    bob.say({ op: 'auth', token: 'bob' });
    for (const client of [alice, bob]) client.say({ op: 'subscribe', channels: ['orders', 'balances'] });
    await until(() => [alice, bob].every((client) => client.on('orders').length + client.on('balances').length === 2));
    t.deepEqual(alice.on('orders')[0]?.data, { orders: [{ owner: 'alice' }], changes: [] });
    t.deepEqual(bob.on('balances')[0]?.data, [{ owner: 'bob' }]);
    await tellOrder(market, 'alice', 'open');
    await tellOrder(market, 'bob', 'filled');
    await until(() => bob.on('orders').length === 2 && bob.on('balances').length === 2);
    await until(() => alice.on('orders').length === 2);
    t.like(alice.on('orders')[1], { type: 'update', data: { orders: [], changes: [{ status: 'open' }] } });
    t.like(bob.on('orders')[1], { type: 'update', data: { orders: [], changes: [{ status: 'filled' }] } });
    t.is(typeof bob.on('orders')[1]?.['cursor'], 'string');
  }));

test('websocket: notices of two customers, each sees her own, and a repeat under the same id', (t) =>
  withDoor(async ({ market, connect }) => {
    const [alice, bob] = [await connect('?token=alice'), await connect('?token=bob')];
    for (const client of [alice, bob]) {
      client.say({ op: 'subscribe', channels: ['notifications'] });
      await until(() => client.on('notifications').length === 1);
    }
    const credited = (asset: string) => ({
      type: 'deposit.credited',
      payload: { deposit_id: 'd', asset, amount: '1' },
    });
    const id = await tellUser(market, 'alice', credited('BTC'));
    await tellUser(market, 'alice', credited('BTC'), id);
    await tellUser(market, 'alice', { type: 'user.email.verified', payload: {} });
    await tellUser(market, 'bob', credited('ETH'));
    await until(() => alice.on('notifications').length === 3 && bob.on('notifications').length === 2);
    const notices = (client: typeof alice) =>
      client.on('notifications').flatMap(({ data }) => data as { notice_id: string; details: { asset: string } }[]);
    t.deepEqual(
      notices(alice).map(({ notice_id, details }) => [notice_id, details.asset]),
      [
        [id, 'BTC'],
        [id, 'BTC'],
      ],
    );
    t.deepEqual(
      notices(bob).map(({ details }) => details.asset),
      ['ETH'],
    );
  }));

test('websocket: a private channel without login, refused; the connection stays', (t) =>
  withDoor(async ({ connect }) => {
    const client = await connect();
    client.say({ op: 'subscribe', channels: ['orders'] });
    client.say({ op: 'ping' });
    await until(() => client.messages.length === 2);
    t.like(client.messages[0], { op: 'subscribe', ok: false, error: { code: 'UNAUTHENTICATED' } });
    t.deepEqual(client.messages[1], { op: 'ping', ok: true });
  }));

const refused = test.macro({
  title: (_, circumstance: string) => `websocket: ${circumstance}, refused by its code`,
  exec: (t, _circumstance: string, message: object | string, code: string) =>
    withDoor(async ({ connect }) => {
      const client = await connect();
      client.say(message);
      await until(() => client.messages.length === 1);
      t.like(client.messages[0], { ok: false, error: { code } });
    }),
});
test(refused, 'text that is no JSON', '{', 'INVALID_REQUEST');
test(refused, 'an unknown operation', { op: 'drop' }, 'INVALID_REQUEST');
test(refused, 'an unknown field', { op: 'ping', more: 1 }, 'INVALID_REQUEST');
test(refused, 'an unknown channel', { op: 'subscribe', channels: ['secrets'] }, 'INVALID_REQUEST');
test(refused, 'an unknown market', { op: 'subscribe', channels: ['depth:ABC-XYZ'] }, 'MARKET_NOT_FOUND');

test('websocket: more channels than allowed, refused as a whole', (t) =>
  withDoor(
    async ({ connect }) => {
      const client = await connect();
      client.say({ op: 'subscribe', channels: ['depth:BTC-USDT', 'trades:BTC-USDT'] });
      await until(() => client.messages.length === 1);
      t.like(client.messages[0], { ok: false, error: { code: 'LIMIT_EXCEEDED' } });
    },
    { channels: 1 },
  ));

test('websocket: too many messages, closed 4429', (t) =>
  withDoor(
    async ({ connect }) => {
      const client = await connect();
      for (let count = 0; count < 6; count += 1) client.say({ op: 'ping' });
      t.is(await client.closed, 4429);
    },
    { messages: 5 },
  ));

test('websocket: a false token, closed 4401', (t) =>
  withDoor(async ({ ended, connect }) => {
    ended.add('mallory');
    t.is(await (await connect('?token=mallory')).closed, 4401);
  }));

test('websocket: a session that ends, closed 4401 at the next check', (t) =>
  withDoor(async ({ ended, connect }) => {
    const client = await connect('?token=alice');
    client.say({ op: 'subscribe', channels: ['orders'] });
    await until(() => client.on('orders').length > 0);
    ended.add('alice');
    t.is(await client.closed, 4401);
  }));

test('websocket: a reader that does not read, closed 4408 with little waiting for it', (t) =>
  withDoor(
    async ({ market, connect }) => {
      const [slow, quick] = [await connect(), await connect()];
      for (const client of [slow, quick]) client.say({ op: 'subscribe', channels: ['depth:BTC-USDT'] });
      await until(() => slow.on('depth:BTC-USDT').length > 0);
      slow.socket.pause();
      let closed: number | undefined;
      void slow.closed.then((code) => (closed = code));
      const levels = (from: number) =>
        Array.from({ length: 5_000 }, (_, index) => ['SELL', String(1_000 + index), `${from}`] as const);
      const first = { first_sequence: 1, changes: levels(1), trades: [] };
      await market.publish({ ...first, last_sequence: 1 });
      for (let sequence = 2; sequence <= 100; sequence += 1) {
        const batch = { changes: levels(sequence), trades: [], first_sequence: sequence, last_sequence: sequence };
        await market.publish(batch);
        await until(() => quick.on('depth:BTC-USDT').at(-1)?.['last_sequence'] === sequence);
      }
      slow.socket.resume();
      await until(() => closed !== undefined);
      t.is(closed, 4408);
      t.true(slow.on('depth:BTC-USDT').length < quick.on('depth:BTC-USDT').length);
    },
    { unsentBytes: 64 * 1024 },
  ));

test('websocket: a server that stops, says so and closes 1012', (t) =>
  withDoor(async ({ door, connect }) => {
    const client = await connect();
    await door.close(500);
    t.is(await client.closed, 1012);
    t.deepEqual(client.messages.at(-1), { type: 'server_shutdown', seconds_left: 1 });
  }));
