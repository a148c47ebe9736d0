import { randomUUID } from 'node:crypto';
import test from 'ava';
import { createSessionCache } from '../../../services/identity/session-cache.ts';
import type { Db } from '../../../storage/db.ts';
import { createKit } from './kit.ts';

const kit = await createKit();
test.after.always(() => kit.close());

/** The real pool, counting the queries that pass. */
function counted(db: Db): { readonly db: Db; readonly queries: () => number } {
  let queries = 0;
  const watched = new Proxy(db, {
    get(target, name, receiver) {
      if (name === 'manyOrNone') queries += 1;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { db: watched, queries: () => queries };
}

const someSession = async () => (await kit.signIn((await kit.account()).email)).sessionId;

async function verifiedSession(): Promise<string> {
  const { email, userId } = await kit.account();
  await kit.db.none("UPDATE identity.users SET kyc_status = 'verified' WHERE user_id = $1", [userId]);
  return (await kit.signIn(email)).sessionId;
}

test.serial('session cache: many questions of one turn, one query; repeated within 3 s, none', async (t) => {
  const ids = await Promise.all([verifiedSession(), verifiedSession(), verifiedSession()]);
  const { db, queries } = counted(kit.db);
  let ms = 0;
  const cache = createSessionCache({ db, monotonicMs: () => ms });
  const states = await Promise.all([...ids, ...ids, randomUUID()].map((id) => cache.get(id)));
  t.is(queries(), 1);
  t.deepEqual(
    states.map((state) => state?.live),
    [true, true, true, true, true, true, undefined],
  );
  ms = 3_000;
  await Promise.all(ids.map((id) => cache.get(id)));
  t.is(queries(), 1);
  ms = 3_001;
  await cache.get(ids[0]);
  t.is(queries(), 2);
});

test.serial('session cache: its user is not verified yet, read anew after 200 ms', async (t) => {
  const id = await someSession();
  const { db, queries } = counted(kit.db);
  let ms = 0;
  const cache = createSessionCache({ db, monotonicMs: () => ms });
  await cache.get(id);
  ms = 200;
  await cache.get(id);
  t.is(queries(), 1);
  ms = 201;
  await cache.get(id);
  t.is(queries(), 2);
});

test.serial('session cache: an evicted session, is read anew at once', async (t) => {
  const id = await someSession();
  const cache = createSessionCache({ db: kit.db, monotonicMs: () => 0 });
  await cache.get(id);
  await kit.db.none("UPDATE identity.sessions SET revoked_at = now(), revoked_why = 'logout' WHERE session_id = $1", [
    id,
  ]);
  t.true((await cache.get(id))?.live);
  cache.evict(id);
  t.false((await cache.get(id))?.live);
});

test.serial('session cache: more sessions than it holds, the oldest is forgotten', async (t) => {
  const ids = [await someSession(), await someSession(), await someSession()];
  const { db, queries } = counted(kit.db);
  const cache = createSessionCache({ db, monotonicMs: () => 0, capacity: 2 });
  for (const id of ids) await cache.get(id);
  await cache.get(ids[2]!);
  t.is(queries(), 3);
  await cache.get(ids[0]!);
  t.is(queries(), 4);
});

test.serial(
  'session cache: no answer in time, UNAVAILABLE for all who asked, and later questions are asked again',
  async (t) => {
    const id = await someSession();
    let hang = true;
    const slow = new Proxy(kit.db, {
      get(target, name, receiver) {
        if (name === 'manyOrNone' && hang) return () => new Promise(() => undefined);
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    const cache = createSessionCache({ db: slow, monotonicMs: () => 0, timeoutMs: 50 });
    const asked = await Promise.allSettled([cache.get(id), cache.get(id)]);
    t.deepEqual(
      asked.map((answer) => answer.status === 'rejected' && (answer.reason as { code: string }).code),
      ['UNAVAILABLE', 'UNAVAILABLE'],
    );
    hang = false;
    t.true((await cache.get(id))?.live);
  },
);
