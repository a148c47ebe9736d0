import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { presentLiabilityProof, presentLiabilityRoots } from '../../../api/present/liability.ts';
import { presentBalances } from '../../../api/present/wallet.ts';
import { createLiabilityPublishing, type PublishLiabilities } from '../../../services/ledger/liabilities.ts';
import { createLiabilityProofs, type LiabilityProofs } from '../../../services/ledger/liability-proofs.ts';
import { silentLogger } from '../../../platform/log.ts';
import { reserve } from '../../../storage/ledger/reservations.ts';
import { checkProof, type ProofFiles } from '../../_support/check-proof.ts';
import { createLedgerKit, type LedgerKit, order, outcomeOf } from './kit.ts';

interface Context {
  readonly kit: LedgerKit;
  readonly publish: PublishLiabilities;
  readonly proofs: LiabilityProofs;
  /** What was logged as an error. */
  readonly errors: readonly string[];
}

const test = anyTest as TestFn<Context>;
const day = 86_400_000;

test.beforeEach(async (t) => {
  const kit = await createLedgerKit();
  const errors: string[] = [];
  const log = { ...silentLogger, error: (_fields: object, message: string) => void errors.push(message) };
  const deps = { db: kit.db, clock: kit.now, newId: kit.newId, log, keepMs: 3 * day };
  t.context = { kit, errors, publish: createLiabilityPublishing(deps), proofs: createLiabilityProofs(deps) };
});
test.afterEach.always((t) => t.context.kit.close());

/** What a user downloads. */
async function download({ context: { kit, proofs } }: ExecutionContext<Context>, userId: string): Promise<ProofFiles> {
  return {
    user: userId,
    proof: presentLiabilityProof(await proofs.proof(userId, undefined)),
    roots: presentLiabilityRoots(await proofs.roots(undefined, 10), 10),
    wallets: presentBalances(await kit.ledger.wallets.balances(userId)),
  };
}

/** Users with this many USDT, of which one in two has some reserved; the last has BTC as well. */
async function openAccounts({ context: { kit } }: ExecutionContext<Context>, amounts: readonly string[]) {
  const users: string[] = [];
  for (const [index, amount] of amounts.entries()) {
    const user = await kit.userWith({ USDT: amount, ...(index === amounts.length - 1 ? { BTC: '0.00000001' } : {}) });
    if (index % 2 === 0) await reserve(kit.db, 'order', [order(kit.newId, user, 'USDT', '0.5')], kit.now());
    users.push(user);
  }
  return users;
}

const sums = (t: ExecutionContext<Context>) =>
  t.context.kit.db.any<{ asset: string; sum: string }>(
    `SELECT asset, trim_scale(sum(balance))::text AS sum FROM ledger.accounts
      WHERE owner_id IS NOT NULL GROUP BY asset HAVING sum(balance) > 0 ORDER BY asset`,
  );

test('liabilities: published, each proof passes the script and the roots are the sums of all accounts', async (t) => {
  const { kit, publish, proofs, errors } = t.context;
  const users = await openAccounts(t, ['100', '2.5', '0.75', '1000000.000001', '7', '19', '3']);
  const nobody = kit.newId();
  t.like(await publish(), { assets: 2 });
  const [published] = await proofs.roots(undefined, 10);
  t.deepEqual(
    published?.roots.map(({ asset, sum, leaves }) => ({ asset, sum, leaves })),
    (await sums(t)).map((each) => ({ ...each, leaves: each.asset === 'BTC' ? 1 : 7 })),
  );
  for (const user of users) {
    const { status, output } = checkProof(await download(t, user));
    t.is(status, 0, output);
    t.regex(output, /ok {5}USDT: [\d.]+ of 1000132\.250001 in all, by [23] steps/);
  }
  t.regex(checkProof(await download(t, users[6]!)).output, /ok {5}BTC: 0\.00000001 of 0\.00000001 in all, by 0 steps/);
  t.deepEqual((await proofs.proof(nobody, undefined)).assets, []);
  t.deepEqual(errors, []);
});

test('liabilities: more users than a page holds, proofs of those at its edges pass', async (t) => {
  const { kit, publish, proofs } = t.context;
  const count = 10_001;
  await kit.userWith({ USDT: '1' });
  await kit.db.none(
    `INSERT INTO ledger.accounts (owner_id, asset, kind, balance)
     SELECT overlay(partitions.first_id_at(now())::text PLACING lpad(number::text, 12, '0') FROM 25)::uuid, 'USDT',
            kind, CASE kind WHEN 'available' THEN number ELSE 0 END
       FROM generate_series(2, $1) AS number, unnest('{available,reserved}'::ledger.account_kind[]) AS kind;
     INSERT INTO ledger.transfers
     SELECT overlay(partitions.first_id_at(now())::text PLACING lpad(account_id::text, 12, '0') FROM 25)::uuid,
            gen_random_uuid(), 'DEPOSIT', (SELECT account_id FROM ledger.accounts WHERE kind = 'clearing'), account_id,
            'USDT', balance, 0, balance, 'DEPOSIT', now()
       FROM ledger.accounts WHERE kind = 'available' AND balance > 1`,
    [count],
  );
  await publish();
  const [published] = await proofs.roots(undefined, 1);
  t.like(published?.roots, [{ leaves: count, sum: String((count * (count + 1)) / 2) }]);
  for (const position of [0, 1, 4_999, 5_000, 9_999, 10_000]) {
    const { user } = await kit.db.one<{ user: string }>(
      'SELECT user_id AS user FROM ledger.liability_leaves WHERE position = $1',
      [position],
    );
    const { status, output } = checkProof({ ...(await download(t, user)), wallets: undefined });
    t.is(status, 0, output);
  }
  t.deepEqual(t.context.errors, []);
});

test('liabilities: published twice a day and by two at once, once', async (t) => {
  const { kit, publish, proofs } = t.context;
  await openAccounts(t, ['1', '2']);
  const both = await Promise.all([outcomeOf(publish()), outcomeOf(publish())]);
  t.true(both.includes('done'));
  t.like(await publish(), { snapshotId: undefined, assets: 0 });
  t.is((await proofs.roots(undefined, 10)).length, 1);
  kit.advance(day);
  t.like(await publish(), { assets: 2 });
  const listed = await proofs.roots(undefined, 10);
  t.is(listed.length, 2);
  t.true(listed[0]!.takenAt > listed[1]!.takenAt);
  t.deepEqual(await proofs.roots(listed[0]!.snapshotId, 10), listed.slice(1));
});

test('liabilities: snapshots of two days, share no nonce and no order', async (t) => {
  const { kit, publish } = t.context;
  await openAccounts(t, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  await publish();
  kit.advance(day);
  await publish();
  const rows = await kit.db.any<{ snapshot_id: string; user_id: string; nonce: string }>(
    `SELECT snapshot_id, user_id, nonce FROM ledger.liability_leaves
      WHERE asset = 'USDT' ORDER BY snapshot_id, position`,
  );
  t.is(new Set(rows.map(({ nonce }) => nonce)).size, 24);
  const orders = Object.values(Object.groupBy(rows, ({ snapshot_id }) => snapshot_id));
  const [first, second] = orders.map((leaves) => leaves!.map(({ user_id }) => user_id));
  t.notDeepEqual(first, second);
  t.notDeepEqual(first, first!.toSorted());
});

test('liabilities: a balance forged after the snapshot, the proof and the statement tell its user', async (t) => {
  const { kit, publish, proofs } = t.context;
  const [alice, bob] = await openAccounts(t, ['100', '50']);
  await publish();
  t.is(checkProof(await download(t, alice!)).status, 0);
  await kit.db.none(`UPDATE ledger.accounts SET balance = balance - 60 WHERE owner_id = $1 AND kind = 'available'`, [
    alice,
  ]);
  const { status, output } = checkProof(await download(t, alice!));
  t.is(status, 1);
  t.regex(output, /WRONG {2}USDT: proven are 100, your wallet shows 40/);
  t.is(checkProof(await download(t, bob!)).status, 0);

  kit.advance(day);
  await t.throwsAsync(publish(), { message: /books are not sound/ });
  t.deepEqual(t.context.errors, ['A user has something else than the transfers say']);
  t.is((await proofs.roots(undefined, 10)).length, 1, 'nothing is published');
  t.is(
    await kit.db.one('SELECT count(*)::int AS n FROM ledger.liability_leaves', [], (row: { n: number }) => row.n),
    3,
  );
});

test('liabilities: an account made by hand, nothing is published', async (t) => {
  const { kit, publish } = t.context;
  await openAccounts(t, ['1']);
  await kit.db.none(`INSERT INTO ledger.accounts (owner_id, asset, kind, balance) VALUES ($1, 'ETH', 'available', 5)`, [
    kit.newId(),
  ]);
  await t.throwsAsync(publish(), { message: /books are not sound/ });
});

const changeNodes = (what: string, level: number): string =>
  `UPDATE ledger.liability_nodes SET ${what} WHERE level = ${level} AND asset = 'USDT' AND $1::uuid IS NOT NULL`;
const deeds = {
  'her leaf': `UPDATE ledger.liability_leaves SET amount = amount - 60 WHERE user_id = $1 AND asset = 'USDT'`,
  'her nonce': 'UPDATE ledger.liability_leaves SET nonce = gen_random_uuid() WHERE user_id = $1',
  'what a neighbour has': changeNodes('sum = sum - 0.5', 0),
  'a hash': changeNodes('hash = sha256(hash)', 1),
  'the tree, to nothing,': 'DELETE FROM ledger.liability_nodes WHERE $1::uuid IS NOT NULL',
};
for (const [what, deed] of Object.entries(deeds)) {
  test(`liabilities: ${what} changed by hand, the proof leads to another root and it is logged`, async (t) => {
    const { kit, publish } = t.context;
    const [alice] = await openAccounts(t, ['100', '50', '25', '12']);
    await publish();
    t.is(checkProof(await download(t, alice!)).status, 0);
    await kit.db.none(deed, [alice]);
    const { status, output } = checkProof(await download(t, alice!));
    t.is(status, 1);
    t.regex(output, /WRONG {2}USDT: it leads to another root/);
    t.true(t.context.errors.includes('A proof does not lead to its published root'));
  });
}

test('liabilities: published roots changed or removed by hand, refused, and they are in the audit log', async (t) => {
  const { kit, publish, proofs } = t.context;
  await openAccounts(t, ['1', '2']);
  const { snapshotId } = await publish();
  for (const table of ['liability_roots', 'liability_snapshots']) {
    const attempts = [
      `UPDATE ledger.${table} SET snapshot_id = snapshot_id`,
      `DELETE FROM ledger.${table}`,
      `TRUNCATE ledger.${table} CASCADE`,
    ];
    for (const attempt of attempts) await t.throwsAsync(kit.db.none(attempt), { message: /append-only/ }, attempt);
  }
  const line = await kit.db.one<{ details: { roots: unknown } }>(
    `SELECT details FROM audit.audit_logs WHERE action = 'liabilities.publish' AND resource_id = $1`,
    [snapshotId],
  );
  t.deepEqual(line.details.roots, (await proofs.roots(undefined, 1))[0]?.roots);
});

test('liabilities: older than is kept, leaves and trees are forgotten, roots are not', async (t) => {
  const { kit, publish, proofs } = t.context;
  const [alice] = await openAccounts(t, ['1', '2', '3']);
  const { snapshotId } = await publish();
  kit.advance(2 * day);
  await publish();
  t.is((await proofs.proof(alice!, snapshotId)).assets.length, 1);
  kit.advance(2 * day);
  t.is(await outcomeOf(proofs.proof(alice!, snapshotId)), 'NOT_FOUND');
  await publish();
  const left = await kit.db.any<{ kept: number }>(
    `SELECT count(DISTINCT snapshot_id)::int AS kept FROM ledger.liability_leaves
      UNION ALL SELECT count(DISTINCT snapshot_id)::int FROM ledger.liability_nodes`,
  );
  t.deepEqual(left, [{ kept: 2 }, { kept: 2 }]);
  t.is((await proofs.roots(undefined, 10)).length, 3);
});

test('liabilities: no snapshot yet or an unknown one, NOT_FOUND', async (t) => {
  const { kit, proofs, publish } = t.context;
  t.is(await outcomeOf(proofs.proof(kit.newId(), undefined)), 'NOT_FOUND');
  await openAccounts(t, ['1']);
  await publish();
  t.is(await outcomeOf(proofs.proof(kit.newId(), kit.newId())), 'NOT_FOUND');
});
