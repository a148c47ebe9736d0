import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { createIds } from '../../../platform/ids.ts';
import { createInbox } from '../../../services/events/inbox.ts';
import { createForgetting } from '../../../services/operations/forgetting.ts';
import { addToOutbox, removeToldEntries, takeDueEntries } from '../../../storage/outbox/outbox.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';

const test = anyTest as TestFn<TestDatabase>;
const start = new Date('2026-03-01T00:00:00Z');
const newId = createIds(() => start);

test.before(async (t) => {
  t.context = await createTestDatabase();
  await t.context.db.none('CREATE TABLE effects (event_id uuid)');
});
test.after.always((t) => t.context.drop());

test('inbox: one event handled twenty times at once, one effect', async (t) => {
  const { db } = t.context;
  const inbox = createInbox({ db, clock: () => start, consumer: 'one' });
  const id = newId();
  const effect = () =>
    inbox.once({ id }, async (tx) => {
      await tx.none('INSERT INTO effects VALUES ($1)', [id]);
    });
  await Promise.all(Array.from({ length: 20 }, effect));
  await effect();
  t.is((await db.many('SELECT FROM effects WHERE event_id = $1', [id])).length, 1);
});

test('inbox: another consumer, has its own effect', async (t) => {
  const { db } = t.context;
  const id = newId();
  const effects: string[] = [];
  for (const consumer of ['two', 'three', 'two']) {
    await createInbox({ db, clock: () => start, consumer }).once({ id }, async () => void effects.push(consumer));
  }
  t.deepEqual(effects, ['two', 'three']);
});

test('inbox: the effect fails, the event is not taken for handled', async (t) => {
  const { db } = t.context;
  const inbox = createInbox({ db, clock: () => start, consumer: 'one' });
  for (const run of [inbox.once, inbox.onceOutside]) {
    const id = newId();
    let effects = 0;
    await t.throwsAsync(
      run({ id }, async () => Promise.reject(new Error('no'))),
      { message: 'no' },
    );
    await run({ id }, async () => void (effects += 1));
    await run({ id }, async () => void (effects += 1));
    t.is(effects, 1);
  }
});

// Alone: what it forgets is everyone's.
test.serial('forgetting: told over a week ago or handled over a month ago, is gone; the rest stays', async (t) => {
  const { db } = t.context;
  const day = 86_400_000;
  const later = (days: number) => new Date(start.getTime() + days * day);
  const ids = [newId(), newId()];
  for (const [index, id] of ids.entries()) {
    const at = later(index);
    await createInbox({ db, clock: () => at, consumer: 'forgets' }).once({ id }, async () => undefined);
    const event = { id, type: 'x', version: 1, timestamp: '', trace_id: '', payload: {}, metadata: { source: 'x' } };
    await addToOutbox(db, [{ aggregate: randomUUID(), kind: 'event', stream: 's', event }], at);
    const entries = await takeDueEntries(db, { to: 'streams', at, limit: 1 });
    await removeToldEntries(db, [{ seq: entries[0]!.seq, place: `${index}-1` }], at);
  }
  const left = async () => ({
    told: (await db.any('SELECT FROM outbox.told')).length,
    handled: (await db.any("SELECT FROM inbox.handled WHERE consumer = 'forgets'")).length,
  });
  t.is(await createForgetting({ db, clock: () => later(6) })(), 0);
  t.deepEqual(await left(), { told: 2, handled: 2 });
  await createForgetting({ db, clock: () => later(7.5) })();
  t.deepEqual(await left(), { told: 1, handled: 2 });
  await createForgetting({ db, clock: () => later(30.5) })();
  t.deepEqual(await left(), { told: 0, handled: 1 });
});
