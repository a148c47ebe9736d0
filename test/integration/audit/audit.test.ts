import test from 'ava';
import { createIds } from '../../../platform/ids.ts';
import { createAuditService } from '../../../services/audit.ts';
import { addAudit, type AuditRow } from '../../../storage/audit/audit.ts';
import type { Db } from '../../../storage/db.ts';
import { createTestDatabase } from '../../_support/database.ts';

const newId = createIds(() => new Date());
const line = (other: Partial<AuditRow> = {}): AuditRow => ({
  id: newId(),
  at: new Date(),
  actor: 'user',
  action: 'test',
  resource: 'thing',
  resourceId: 'one',
  result: 'done',
  traceId: '0',
  ...other,
});

async function createLog(t: { teardown(drop: () => Promise<void>): void }) {
  const { db, drop } = await createTestDatabase();
  t.teardown(drop);
  return { db, audit: createAuditService({ db }) };
}

/** As somebody with all rights would. */
const tamper = (db: Db, statement: string) =>
  db.none(`SET session_replication_role = replica; ${statement}; RESET session_replication_role`);

test('audit log: lines added, are read back in full and repeating one adds nothing', async (t) => {
  const { db } = await createLog(t);
  const userId = newId();
  const full = line({ userId, details: { before: 1 }, ipAddress: '2001:db8::1', userAgent: 'browser', traceId: 'abc' });
  await addAudit(db, [full, line()]);
  await addAudit(db, [full]);
  await addAudit(db, []);
  t.is((await db.one<{ count: string }>('SELECT count(*) FROM audit.audit_logs')).count, '2');
  const row = await db.one<object>(
    'SELECT user_id, details, host(ip_address) AS ip, trace_id FROM audit.audit_logs WHERE id = $1',
    [full.id],
  );
  t.deepEqual(row, { user_id: userId, details: { before: 1 }, ip: '2001:db8::1', trace_id: 'abc' });
});

test('audit log: this month and one far ahead, have a partition and the default one', async (t) => {
  const { db } = await createLog(t);
  const [now, far] = [new Date(), new Date('2120-01-01T00:00:00Z')];
  await addAudit(db, [line({ id: createIds(() => now)() }), line({ id: createIds(() => far)() })]);
  const rows = await db.manyOrNone<{ part: string }>(
    'SELECT tableoid::regclass::text AS part FROM audit.audit_logs ORDER BY id',
  );
  const month = now.toISOString().slice(0, 7).replace('-', '') + '01';
  t.deepEqual(
    rows.map(({ part }) => part),
    [`audit.audit_logs_${month}`, 'audit.audit_logs_default'],
  );
});

const appendOnly = test.macro({
  title: (_, statement: string) => `audit log: ${statement}, refused`,
  exec: async (t, statement: string) => {
    const { db, audit } = await createLog(t);
    await addAudit(db, [line()]);
    await audit.chainOnce();
    await t.throwsAsync(db.none(statement), { message: /append-only/ });
    t.deepEqual(await audit.verify(), { links: 1n, firstBad: undefined });
  },
});

test(appendOnly, "UPDATE audit.audit_logs SET action = 'other'");
test(appendOnly, 'DELETE FROM audit.audit_logs');
test(appendOnly, 'TRUNCATE audit.audit_logs');
test(appendOnly, 'TRUNCATE audit.audit_logs_default');
test(appendOnly, 'UPDATE audit.audit_chain SET seq = 7');
test(appendOnly, 'DELETE FROM audit.audit_chain');
test(appendOnly, 'TRUNCATE audit.audit_chain');

test('audit chain: 2 500 lines, are linked in batches once each', async (t) => {
  const { db, audit } = await createLog(t);
  await addAudit(
    db,
    Array.from({ length: 2_500 }, () => line()),
  );
  t.deepEqual(
    [await audit.chainOnce(), await audit.chainOnce(), await audit.chainOnce(), await audit.chainOnce()],
    [1000, 1000, 500, 0],
  );
  t.deepEqual(await audit.verify(), { links: 2_500n, firstBad: undefined });
});

test('audit chain: a line that commits after younger ones were linked, is linked later', async (t) => {
  const { db, audit } = await createLog(t);
  const early = line();
  const { promise: mayCommit, resolve: commit } = Promise.withResolvers<null>();
  const late = db.tx(async (tx) => {
    await addAudit(tx, [early]);
    await mayCommit;
  });
  await addAudit(db, [line()]);
  t.is(await audit.chainOnce(), 1);
  commit(null);
  await late;
  t.is(await audit.chainOnce(), 1);
  t.deepEqual(await audit.verify(), { links: 2n, firstBad: undefined });
});

test('audit chain: two chainers at once, no line twice and the chain holds', async (t) => {
  const { db, audit } = await createLog(t);
  await addAudit(
    db,
    Array.from({ length: 50 }, () => line()),
  );
  const settled = await Promise.allSettled([audit.chainOnce(), audit.chainOnce(), audit.chainOnce()]);
  t.true(settled.some(({ status }) => status === 'fulfilled'));
  await audit.chainOnce();
  t.deepEqual(await audit.verify(), { links: 50n, firstBad: undefined });
});

test('audit chain: run until over, links what comes and stops', async (t) => {
  const { db, audit } = await createLog(t);
  const over = new AbortController();
  const running = audit.chainUntil(over.signal);
  await addAudit(db, [line()]);
  while ((await audit.verify()).links === 0n) await new Promise((resolve) => setTimeout(resolve, 20));
  over.abort();
  await running;
  await addAudit(db, [line()]);
  t.is((await audit.verify()).links, 1n);
});

const finds = test.macro({
  title: (_, what: string) => `audit verify: ${what}, is found`,
  exec: async (t, _what: string, statement: string, seq: bigint, why: RegExp) => {
    const { db, audit } = await createLog(t);
    await addAudit(
      db,
      Array.from({ length: 5 }, () => line()),
    );
    await audit.chainOnce();
    await tamper(db, statement.replaceAll('THIRD', '(SELECT audit_id FROM audit.audit_chain WHERE seq = 3)'));
    const { firstBad } = await audit.verify();
    t.is(firstBad?.seq, seq);
    t.regex(firstBad?.why ?? '', why);
  },
});

test(
  finds,
  'a changed line',
  "UPDATE audit.audit_logs SET resource_id = 'two' WHERE id = THIRD",
  3n,
  /line was changed/,
);
test(
  finds,
  'a changed detail',
  `UPDATE audit.audit_logs SET details = '{"a": 1}' WHERE id = THIRD`,
  3n,
  /line was changed/,
);
test(finds, 'a line that is gone', 'DELETE FROM audit.audit_logs WHERE id = THIRD', 3n, /line is gone/);
test(finds, 'a link that is gone', 'DELETE FROM audit.audit_chain WHERE seq = 3', 4n, /link 3 is missing/);
test(
  finds,
  'a link to another hash',
  "UPDATE audit.audit_chain SET row_hash = '\\x00' WHERE seq = 3",
  3n,
  /link was changed/,
);
test(
  finds,
  'a link that was made anew with its line',
  `UPDATE audit.audit_chain SET previous_hash = sha256('x') WHERE seq = 3`,
  3n,
  /does not follow/,
);
