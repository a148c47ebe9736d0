import test from 'ava';
import { createMissedEvents } from '../../../services/market-data/missed-events.ts';
import { placeBehind, writePlace } from '../../../services/market-data/event-place.ts';
import { until } from '../../_support/until.ts';
import type { Market } from '../market-data/kit.ts';
import { tellOrder, tellOrders, withDoor, type Opened } from './kit.ts';

type Client = Awaited<ReturnType<Opened['connect']>>;
type Change = { readonly status: string };

const changesOf = (client: Client): readonly string[] =>
  client.on('orders').flatMap(({ data }) => (data as { changes: Change[] }).changes.map(({ status }) => status));

const cursorOf = (client: Client): string | undefined =>
  client
    .on('orders')
    .map(({ cursor }) => cursor as string | undefined)
    .findLast((cursor) => cursor !== undefined);

/** Alice's channel from a cursor on, once the first message of it has come. */
async function resume({ connect }: Opened, cursor: string | undefined): Promise<Client> {
  const client = await connect('?token=alice');
  client.say({ op: 'subscribe', channels: ['orders'], ...(cursor === undefined ? {} : { resume: cursor }) });
  await until(() => client.on('orders').length > 0);
  return client;
}

test('resume: orders flow while the client comes and goes, it sees each change once and in order', (t) =>
  withDoor(async (opened) => {
    const { market } = opened;
    const count = 1_500;
    let [client, told] = [await resume(opened, undefined), 0];
    const flow = (async () => {
      // An empty stream has no cursor to begin with.
      await tellOrder(market, 'alice', '0');
      for (told = 1; told < count; told += 3) {
        await tellOrders(market, [['bob', 'x'], ...[0, 1, 2].map((step) => ['alice', String(told + step)] as const)]);
      }
    })();
    await until(() => changesOf(client).length > 0);
    const seen: string[] = [];
    const resumed: unknown[] = [];
    for (let round = 0; round < 12; round += 1) {
      const enough = changesOf(client).length + 10 * round;
      await until(() => changesOf(client).length > enough || told >= count);
      client.socket.terminate();
      await client.closed;
      seen.push(...changesOf(client));
      const next = await resume(opened, cursorOf(client));
      resumed.push(next.on('orders')[0]?.['resumed']);
      client = next;
    }
    await flow;
    await until(() => seen.length + changesOf(client).length >= count);
    seen.push(...changesOf(client));
    t.deepEqual(
      seen,
      Array.from({ length: seen.length }, (_, index) => String(index)),
    );
    t.true(seen.length >= count);
    t.deepEqual(new Set(resumed), new Set([true]));
  }));

test('resume: nothing was missed, says so without a snapshot, and goes on', (t) =>
  withDoor(async (opened) => {
    const { market } = opened;
    await tellOrder(market, 'bob', 'open');
    const first = await resume(opened, undefined);
    const cursor = cursorOf(first);
    t.is(typeof cursor, 'string', 'a snapshot has a cursor');
    const again = await resume(opened, cursor);
    t.like(again.on('orders')[0], { type: 'update', resumed: true, cursor, data: { orders: [], changes: [] } });
    await tellOrder(market, 'alice', 'open');
    await until(() => changesOf(again).length > 0);
    t.deepEqual(changesOf(again), ['open']);
  }));

const beyondReach = test.macro({
  title: (_, circumstance: string) => `resume: ${circumstance}, answered with a snapshot that says so`,
  exec: (t, _circumstance: string, cursorFor: (market: Market) => Promise<string>) =>
    withDoor(async (opened) => {
      const { market } = opened;
      const cursor = await cursorFor(market);
      const client = await resume(opened, cursor);
      const snapshot = { type: 'snapshot', resumed: false, data: { orders: [{ owner: 'alice' }], changes: [] } };
      t.like(client.on('orders')[0], snapshot);
      await tellOrder(market, 'alice', 'open');
      // What came just before the snapshot may be told behind it.
      await until(() => changesOf(client).at(-1) === 'open');
      t.is(changesOf(client).filter((status) => status === 'open').length, 1);
    }),
});

const dayMs = 86_400_000;
const idNow = (): string => `${Date.now()}-0`;

/** Adds an event at a time, and gives the cursor behind it. */
async function cursorAt(market: Market, ms: number): Promise<string> {
  const event = { id: market.newId(), type: 'order.open', version: 1, timestamp: '', trace_id: '', user_id: 'alice' };
  const text = JSON.stringify({ ...event, payload: { status: 'old' }, metadata: { source: 'test' } });
  await market.redis.xadd('order.events', `${ms}-0`, 'event', text);
  return writePlace(placeBehind(`${ms}-0`, event.id));
}

test(beyondReach, 'a cursor of more than a day ago', async (market) => {
  const cursor = await cursorAt(market, Date.now() - dayMs - 1_000);
  await tellOrder(market, 'alice', 'missed');
  return cursor;
});
test(beyondReach, 'a cursor whose entry was trimmed away', async (market) => {
  const cursor = await cursorAt(market, Date.now() - 1_000);
  await tellOrder(market, 'alice', 'missed');
  await market.redis.xtrim('order.events', 'MAXLEN', '=', 1);
  return cursor;
});
test(beyondReach, 'a text that is no cursor', async () => 'AAAA');
test(beyondReach, 'a made-up place', async () => writePlace({ id: idNow(), mark: '0123456789ab' }));
test(beyondReach, 'another event at that place', async (market) => {
  const ms = Date.now() - 1_000;
  await cursorAt(market, ms);
  return writePlace({ id: `${ms}-0`, mark: '0123456789ab' });
});

test('resume: a cursor that is too long, refused', (t) =>
  withDoor(async ({ connect }) => {
    const client = await connect('?token=alice');
    client.say({ op: 'subscribe', channels: ['orders'], resume: 'A'.repeat(101) });
    await until(() => client.messages.length === 1);
    t.like(client.messages[0], { ok: false, error: { code: 'INVALID_REQUEST' } });
  }));

test('missed events: more of everybody than are looked through, cannot be told', (t) =>
  withDoor(async ({ market }) => {
    const cursor = await cursorAt(market, Date.now() - 1_000);
    await tellOrders(market, [...Array<['bob', string]>(25).fill(['bob', 'x']), ['alice', 'last']]);
    const past = (mostEntries: number) =>
      createMissedEvents<Change>({
        redis: market.redis,
        stream: 'order.events',
        now: Date.now,
        mostEntries,
        pageSize: 10,
      });
    t.is(await past(20).since('alice', cursor), undefined);
    const missed = await past(30).since('alice', cursor);
    t.deepEqual(
      missed?.events.map(({ event }) => event.status),
      ['last'],
    );
  }));

test('missed events: an entry that is no event among them, is passed over', (t) =>
  withDoor(async ({ market }) => {
    const cursor = await cursorAt(market, Date.now() - 1_000);
    await market.redis.xadd('order.events', '*', 'event', 'alice');
    await tellOrder(market, 'alice', 'open');
    await market.redis.xadd('order.events', '*', 'event', 'alice');
    const past = createMissedEvents<Change>({
      redis: market.redis,
      stream: 'order.events',
      now: Date.now,
      pageSize: 1,
    });
    t.deepEqual(
      (await past.since('alice', cursor))?.events.map(({ event }) => event.status),
      ['open'],
    );
  }));
