import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../../platform/log.ts';
import { runLeased } from '../../../services/leased.ts';
import { acquireLease, releaseLease } from '../../../storage/leases/leases.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { until } from '../../_support/until.ts';

async function prepare(t: ExecutionContext): Promise<TestDatabase> {
  const database = await createTestDatabase();
  t.teardown(database.drop);
  return database;
}

const alice = { name: 'work', holder: 'alice' };
const bob = { name: 'work', holder: 'bob' };

test('acquireLease: held by another, undefined; expired or released, taken with the next epoch', async (t) => {
  const { db } = await prepare(t);
  t.is(await acquireLease(db, alice, 60_000), 1n);
  t.is(await acquireLease(db, alice, 60_000), 1n, 'renewed by its holder');
  t.is(await acquireLease(db, bob, 60_000), undefined);
  await releaseLease(db, bob);
  t.is(await acquireLease(db, bob, 60_000), undefined, 'released by somebody who has it not');
  await releaseLease(db, alice);
  t.is(await acquireLease(db, bob, 1), 2n);
  await until(async () => (await acquireLease(db, alice, 60_000)) === 3n, 1_000);
  t.is(await acquireLease(db, { ...bob, name: 'other' }, 60_000), 1n);
});

test('acquireLease: twenty ask at once, one gets it', async (t) => {
  const { db } = await prepare(t);
  const asked = Array.from({ length: 20 }, (_, n) => acquireLease(db, { name: 'work', holder: `h${n}` }, 60_000));
  t.is((await Promise.all(asked)).filter((epoch) => epoch !== undefined).length, 1);
});

test('runLeased: the lease is lost, the work is told to end and is run again once the lease is back', async (t) => {
  const { db } = await prepare(t);
  const runs: string[] = [];
  const leased = runLeased({ db, log: silentLogger, lease: alice, ttlMs: 300, renewMs: 50 }, async (held) => {
    runs.push('begun');
    await new Promise((resolve) => held.addEventListener('abort', resolve));
    runs.push('ended');
  });
  t.teardown(() => leased.stop());
  await until(() => runs.length === 1);
  await db.none(`UPDATE leases.leases SET holder = 'bob', expires_at = clock_timestamp() + interval '400 ms'`);
  await until(() => runs.length === 2, 300);
  t.deepEqual(runs, ['begun', 'ended']);
  await until(() => runs.length === 3);
  t.deepEqual(runs, ['begun', 'ended', 'begun']);
});

test('runLeased: PostgreSQL cannot be asked, the work ends when the lease would have run out', async (t) => {
  const { db } = await prepare(t);
  let ended = false;
  const leased = runLeased({ db, log: silentLogger, lease: alice, ttlMs: 300, renewMs: 50 }, async (held) => {
    await db.none('ALTER TABLE leases.leases RENAME TO gone');
    await new Promise((resolve) => held.addEventListener('abort', resolve));
    ended = true;
  });
  t.teardown(() => leased.stop());
  const before = performance.now();
  await until(() => ended, 1_000);
  t.true(performance.now() - before >= 200);
});

test('runLeased: the work fails, it is run again', async (t) => {
  const { db } = await prepare(t);
  let runs = 0;
  const leased = runLeased({ db, log: silentLogger, lease: alice, ttlMs: 300, renewMs: 20 }, async () => {
    runs += 1;
    throw new Error('a fault');
  });
  t.teardown(() => leased.stop());
  await until(() => runs >= 2);
  t.true(runs >= 2);
});
