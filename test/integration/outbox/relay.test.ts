import test, { type ExecutionContext } from 'ava';
import { processStart } from '../../../domain/processes.ts';
import { silentLogger } from '../../../platform/log.ts';
import type { EventEnvelope } from '../../../platform/streams/envelope.ts';
import { createMetrics, type Metrics } from '../../../platform/telemetry.ts';
import { createRelay, type RelayDeps } from '../../../services/outbox/relay.ts';
import { addToOutbox, type OutboxEntry, outboxBacklog } from '../../../storage/outbox/outbox.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { until } from '../../_support/until.ts';

const now = new Date('2026-01-01T00:00:00Z');

const event = (n: number, userId: string): OutboxEntry => ({
  aggregate: `user:${userId}`,
  kind: 'event',
  stream: 'test',
  event: {
    id: `event-${n}`,
    type: 'test.happened',
    version: 1,
    timestamp: now.toISOString(),
    trace_id: 'trace',
    user_id: userId,
    payload: { n },
    metadata: { source: 'test' },
  },
});

const start = (subject: string): OutboxEntry => ({
  aggregate: `user:${subject}`,
  kind: 'start',
  ...processStart('registration', subject),
});

/** Stands for Redis and Temporal: the relay's order, repeats and failures are what is looked at here. */
function createOutside() {
  const told: string[] = [];
  const refusing = new Set<string>();
  const tell = async (what: string): Promise<void> => {
    await Promise.resolve();
    if (refusing.has(what)) throw new Error(`${what} cannot be told`);
    told.push(what);
  };
  return {
    told,
    refusing,
    events: {
      append: async (_stream: string, { id }: EventEnvelope) => {
        await tell(id);
        return `${told.length}-0`;
      },
      lastPlace: async () => `${told.length}-0`,
      restore: async () => undefined,
    },
    workflows: {
      start: ({ workflowId }: { workflowId: string }) => tell(`start ${workflowId}`),
      signal: ({ workflowId, signal }: { workflowId: string; signal: string }) => tell(`${signal} ${workflowId}`),
      signalWithStart: ({ workflowId, signal }: { workflowId: string; signal: string }) =>
        tell(`start and ${signal} ${workflowId}`),
    },
  };
}

interface Kit extends TestDatabase, ReturnType<typeof createOutside> {
  readonly clock: { now: Date };
  readonly metrics: Metrics;
  /** A relay that tells only when asked, since its polls are an hour apart. */
  relay(options?: Partial<RelayDeps>): ReturnType<typeof createRelay>;
}

async function prepare(t: ExecutionContext): Promise<Kit> {
  const database = await createTestDatabase();
  const outside = createOutside();
  const clock = { now };
  const metrics = createMetrics();
  const relays: ReturnType<typeof createRelay>[] = [];
  t.teardown(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await database.drop();
  });
  const relay: Kit['relay'] = (options = {}) => {
    const made = createRelay({
      db: database.db,
      clock: () => clock.now,
      log: silentLogger,
      metrics: relays.length === 0 ? metrics : createMetrics(),
      holder: `relay-${relays.length}`,
      events: outside.events,
      workflows: outside.workflows,
      findUnfinished: [],
      ...options,
    });
    relays.push(made);
    return made;
  };
  return { ...database, ...outside, clock, metrics, relay };
}

test('relay: entries of every kind, each told once, those of an aggregate in order', async (t) => {
  const { db, told, relay } = await prepare(t);
  const workflow = processStart('registration', 'alice');
  await addToOutbox(
    db,
    [
      event(1, 'alice'),
      start('alice'),
      { aggregate: 'user:alice', kind: 'signal', workflowId: workflow.workflowId, signal: 'verified' },
      {
        aggregate: 'market:BTC/USDT',
        kind: 'signal_with_start',
        ...processStart('settlement', 'BTC/USDT'),
        signal: 'tradesMatched',
      },
    ],
    now,
  );
  relay();
  await until(async () => (await outboxBacklog(db)).waiting === 0);
  t.deepEqual(
    told.filter((what) => what.includes('alice')),
    ['start registration:alice', 'verified registration:alice'],
  );
  t.true(told.includes('event-1'));
  t.deepEqual(
    told.filter((what) => what.includes('BTC')),
    ['start and tradesMatched settlement:BTC-USDT'],
  );
});

test('relay: a burst of 10 000 entries of 500 aggregates, told within seconds and in order', async (t) => {
  const { db, told, relay } = await prepare(t);
  const entries = Array.from({ length: 10_000 }, (_, n) => event(n, `user-${n % 500}`));
  await addToOutbox(db, entries, now);
  relay();
  await until(() => told.length === 10_000);
  const numbers = told.map((what) => Number(what.slice('event-'.length)));
  for (const ofOneUser of Map.groupBy(numbers, (n) => n % 500).values()) {
    t.deepEqual(
      ofOneUser,
      ofOneUser.toSorted((left, right) => left - right),
    );
  }
});

test('relay: the transaction that wrote an entry rolls back, nothing is told', async (t) => {
  const { db, told, relay } = await prepare(t);
  await t.throwsAsync(
    db.tx(async (tx) => {
      await addToOutbox(tx, [event(1, 'alice')], now);
      throw new Error('no');
    }),
  );
  await addToOutbox(db, [event(2, 'alice')], now);
  relay();
  await until(() => told.length > 0);
  t.deepEqual(told, ['event-2']);
});

test('relay: an older entry commits after a younger one was told, it is told as well', async (t) => {
  const { db, told, relay } = await prepare(t);
  relay();
  const release = Promise.withResolvers<undefined>();
  const late = db.tx(async (tx) => {
    await addToOutbox(tx, [event(1, 'alice')], now);
    await release.promise;
  });
  await addToOutbox(db, [event(2, 'bob')], now);
  await until(() => told.length === 1);
  release.resolve(undefined);
  await late;
  await until(() => told.length === 2);
  t.deepEqual(told, ['event-2', 'event-1']);
});

test('relay: one entry cannot be told, its aggregate waits in order and the others go on', async (t) => {
  const { db, told, refusing, clock, metrics, relay } = await prepare(t);
  refusing.add('event-1');
  await addToOutbox(db, [event(1, 'alice'), event(2, 'alice'), event(3, 'bob')], now);
  relay();
  await until(async () => (await metrics.registry.metrics()).includes('outbox_failed_total{kind="event"} 1'));
  await until(() => told.length === 1);
  t.deepEqual(told, ['event-3']);
  refusing.clear();
  await addToOutbox(db, [event(4, 'alice'), event(5, 'bob')], now);
  await until(() => told.length === 2);
  t.deepEqual(told, ['event-3', 'event-5']);
  clock.now = new Date(now.getTime() + 20_000);
  await until(() => told.length === 5);
  t.deepEqual(told, ['event-3', 'event-5', 'event-1', 'event-2', 'event-4']);
});

test('relay: Temporal is away, the events behind what it should have started go on', async (t) => {
  const { db, told, relay } = await prepare(t);
  const never = new Promise<void>(() => undefined);
  const hanging = Promise.race([never, new Promise<void>((resolve) => t.teardown(resolve))]);
  relay({ workflows: { start: () => hanging, signal: () => hanging, signalWithStart: () => hanging } });
  await addToOutbox(db, [start('alice'), event(1, 'alice'), event(2, 'bob')], now);
  await until(() => told.length === 2);
  t.deepEqual(told.toSorted(), ['event-1', 'event-2']);
});

test('relay: an entry goes on failing, it is tried ever more rarely but at least every 15 s', async (t) => {
  const { db, refusing, relay } = await prepare(t);
  const entry = (): Promise<{ due_at: Date; attempts: number; last_error: string }> =>
    db.one('SELECT due_at, attempts, last_error FROM outbox.entries');
  refusing.add('event-1');
  await addToOutbox(db, [event(1, 'alice')], now);
  relay();
  await until(async () => (await entry()).attempts === 1);
  t.is((await entry()).due_at.getTime() - now.getTime(), 250);
  t.is((await entry()).last_error, 'Error: event-1 cannot be told');
  await db.none('UPDATE outbox.entries SET due_at = $1, attempts = 1000', [now]);
  await until(async () => (await entry()).attempts === 1_001);
  t.is((await entry()).due_at.getTime() - now.getTime(), 15_000);
});

test('relay: kicked, tells what was just committed without waiting for its poll', async (t) => {
  const { db, told, relay } = await prepare(t);
  const slow = relay({ pollMs: 3_600_000 });
  await addToOutbox(db, [event(1, 'alice')], now);
  slow.kick();
  await until(() => told.length === 1);
  await addToOutbox(db, [event(2, 'alice')], now);
  slow.kick();
  await until(() => told.length === 2, 2_000);
  t.deepEqual(told, ['event-1', 'event-2']);
});

test('relay: two run, only one tells; the other takes over when it stops', async (t) => {
  const { db, told, relay } = await prepare(t);
  const second: string[] = [];
  const first = relay();
  await addToOutbox(db, [event(1, 'alice')], now);
  await until(() => told.length === 1);
  relay({
    events: {
      append: async (_stream, { id }) => `${second.push(id)}-1`,
      lastPlace: async () => '99-0',
      restore: async () => undefined,
    },
  });
  await addToOutbox(db, [event(2, 'alice')], now);
  await until(() => told.length === 2);
  t.deepEqual(second, []);
  await first.stop();
  await addToOutbox(db, [event(3, 'alice')], now);
  await until(() => second.length === 1);
  t.deepEqual(told, ['event-1', 'event-2']);
});

test('relay: something unfinished for a minute, page by page each gets its workflow', async (t) => {
  const { told, relay } = await prepare(t);
  const pages: unknown[] = [];
  relay({
    findUnfinished: [
      async (page) => {
        pages.push(page);
        return [processStart('registration', 'forgotten')];
      },
    ],
  });
  await until(() => told.length === 1);
  t.deepEqual(told, ['start registration:forgotten']);
  t.deepEqual(pages, [{ after: undefined, createdBefore: new Date(now.getTime() - 60_000), limit: 100 }]);
});

test('relay: entries wait, the metrics say how many and since when', async (t) => {
  const { db, refusing, clock, metrics, relay } = await prepare(t);
  refusing.add('event-1');
  await addToOutbox(db, [event(1, 'alice'), event(2, 'alice')], new Date(now.getTime() - 90_000));
  clock.now = now;
  relay();
  await until(async () => (await metrics.registry.metrics()).includes('outbox_oldest_age_seconds 90'));
  t.true((await metrics.registry.metrics()).includes('outbox_waiting 2'));
});
