import test from 'ava';
import { run } from '../../../scripts/setup/commands.ts';
import { loadCheckState } from '../../../storage/ledger/checks.ts';
import { bookDeposit } from '../../_support/crossings.ts';
import { until } from '../../_support/until.ts';
import { outcomeOf } from './kit.ts';
import { prepare } from './break-kit.ts';

const usdtDeposit = `kind = 'DEPOSIT' AND asset = 'USDT'`;
const minute = 60_000;

test('reconciler: sound books, one full check and then quick ones whose checkpoints move on', async (t) => {
  const { check, db, advance, rich, openCase, metric, now } = await prepare(t);
  t.is(await check(), 'checked fully');
  const first = await loadCheckState(db);
  await rich({ USDT: '5' });
  t.is(await check(), 'sound');
  advance(9 * minute);
  t.is(await check(), 'sound', 'however cheap it was');
  advance(minute);
  t.is(await check(), 'checked fully', 'it was cheap');
  t.is(await check(), 'sound');
  const { through, soundAt } = await loadCheckState(db);
  t.is(through!.getTime() - first.through!.getTime(), 10 * minute);
  const { sum } = await db.one<{ sum: string }>(
    'SELECT trim_scale(sum(abs(moved)))::text AS sum FROM ledger.checkpoints',
  );
  t.is(sum, '2014', 'each deposit in two accounts');
  t.deepEqual(soundAt, now());
  t.is(await metric('reconciliation_sound_timestamp_seconds'), now().getTime() / 1_000);
  t.is(await openCase(), undefined);
});

test('reconciler: between two looks, checkpoints move on and a balance changed by hand is still found', async (t) => {
  const { check, checkUntil, db, advance, rich, found } = await prepare(t);
  const over = new AbortController();
  const running = checkUntil(over.signal);
  // Last of all that the first look keeps.
  await until(async () => (await loadCheckState(db)).through !== undefined);
  const first = await loadCheckState(db);
  await rich({ USDT: '5' });
  await db.none("UPDATE ledger.accounts SET balance = balance + 1 WHERE asset = 'USDT' AND kind = 'clearing'");
  advance(minute);
  await until(async () => (await loadCheckState(db)).through! > first.through!);
  over.abort();
  await running;
  t.deepEqual((await loadCheckState(db)).soundAt, first.soundAt, 'nobody looked');
  t.is(await check(), 'checked fully');
  t.is((await found())?.[0], 'zero-sum: USDT');
});

test('reconciler: a balance changed by hand, its asset is halted and no other one', async (t) => {
  const { check, db, found, user, withdraw, metric, openCase } = await prepare(t);
  await check();
  await db.none(
    "UPDATE ledger.accounts SET balance = balance + 1 WHERE owner_id = $1 AND asset = 'USDT' AND kind = 'available'",
    [user.userId],
  );
  t.is(await check(), 'checked fully');
  t.like(await found(), { 0: 'zero-sum: USDT', length: 2 });
  t.like(await openCase(), { state: 'BROKEN', assets: ['USDT'] });
  t.is(await metric('reconciliation_breaks'), 2);
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
  t.is(await outcomeOf(withdraw(user, 'BTC', '0.01')), 'done');
});

test('reconciler: a transfer changed by hand, is named and ends when it is repaired and two closed it', async (t) => {
  const { check, db, edit, found, openCase, user, withdraw, approved, withdrawals, close, officer, advance, custody } =
    await prepare(t);
  const { steps } = withdrawals;
  const withdrawalId = await approved(user, 'USDT', '100');
  await check();
  const { deposit } = await db.one<{ deposit: string }>(
    `SELECT transfer_id AS deposit FROM ledger.transfers WHERE ${usdtDeposit}`,
  );
  await edit('amount = amount + 7', usdtDeposit);
  t.is(await check(), 'checked fully');
  t.true((await found())?.includes(`transfers: transfer ${deposit}`), JSON.stringify(await found()));
  t.regex((await found())?.at(-1) ?? '', /^edits: ledger\.transfers_\d{8}$/);
  t.like(await openCase(), { state: 'BROKEN', assets: ['USDT'] });
  t.is(await steps.prepare(withdrawalId, custody), 'held');
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
  t.is(await outcomeOf(withdraw(user, 'BTC', '0.01')), 'done');
  t.is(await outcomeOf(close(await officer())), 'DECISION_CLOSED', 'it is not repaired');

  await edit('amount = amount - 7', usdtDeposit);
  advance(minute);
  await check();
  t.like(await openCase(), { state: 'REVIEW', assets: ['USDT'] }, 'the repair halts nothing else');
  t.is((await found())?.filter((each) => each.startsWith('edits')).length, 2);
  await db.none("INSERT INTO payments.halted_assets VALUES ('BTC', 'drill', now())");
  const [one, two] = [await officer(), await officer()];
  t.is((await close(one)).message, 'Recorded: 1 of 2 approvals.');
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
  t.regex((await close(two)).message, /closed and withdrawals go on/);
  t.is(await openCase(), undefined);
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'done');
  t.is(await outcomeOf(withdraw(user, 'BTC', '0.01')), 'WITHDRAWALS_HALTED', 'a person did');
  t.is(await steps.prepare(withdrawalId, custody), 'ready');
  t.is(await check(), 'sound');
});

test('reconciler: an edit that no sum shows, halts all assets until two closed it', async (t) => {
  const { check, edit, found, openCase, user, withdraw, close, officer } = await prepare(t);
  await check();
  await edit("reason = 'nobody will see'", usdtDeposit);
  t.is(await check(), 'checked fully');
  t.like(await found(), { length: 1 });
  t.like(await openCase(), { state: 'REVIEW', assets: ['*'] });
  for (const asset of ['USDT', 'BTC']) t.is(await outcomeOf(withdraw(user, asset, '0.01')), 'WITHDRAWALS_HALTED');
  await close(await officer());
  await close(await officer());
  t.is(await outcomeOf(withdraw(user, 'BTC', '0.01')), 'done');
});

test('reconciler: the same breaks again and again, are one case told once; new ones join it', async (t) => {
  const { check, db, advance, openCase, newId, officer, close, cases } = await prepare(t);
  await check();
  const change = (asset: string) =>
    db.none("UPDATE ledger.accounts SET balance = balance + 1 WHERE asset = $1 AND kind = 'available'", [asset]);
  await change('USDT');
  for (let times = 0; times < 4; times += 1) {
    await check();
    advance(minute);
  }
  const before = await openCase();
  t.is(before?.count, 2);
  await change('BTC');
  await check();
  const after = await openCase();
  t.is(after?.caseId, before?.caseId);
  t.not(after?.revision, before?.revision);
  t.deepEqual(after?.assets, ['BTC', 'USDT']);
  const told = await db.many<{ kind: string; type: string | null }>(
    `SELECT kind, payload -> 'event' ->> 'type' AS type FROM outbox.entries
      WHERE aggregate LIKE 'reconciliation-break:%' ORDER BY seq`,
  );
  t.deepEqual(
    told.map(({ kind, type }) => type ?? kind),
    ['wallet.reconciliation.broken', 'start', 'wallet.reconciliation.broken', 'signal'],
  );
  const page = { after: undefined, createdBefore: new Date(8.64e15), limit: 10 };
  t.like(await cases.findOpen(page), [{ workflowId: `reconciliation-break:${after?.caseId}` }]);
  t.is(await cases.describe(newId()), undefined);
  t.is(await outcomeOf(close(await officer())), 'DECISION_CLOSED');
});

test('reconciler: a transfer that came later than its time, is looked at and no break', async (t) => {
  const { check, db, warned, openCase, newId, now } = await prepare(t);
  await check();
  const late = new Date(now().getTime() - 10 * minute);
  await bookDeposit(db, { id: newId(), userId: newId(), asset: 'USDT', amount: '5' }, late);
  t.is(await check(), 'checked fully');
  t.deepEqual(warned, ['Transfers came late: the checkpoints are made anew']);
  t.is(await openCase(), undefined);
  t.is(await check(), 'sound');
});

test('reconciler: PostgreSQL began its counts anew, everything is checked and no break', async (t) => {
  const { check, db, openCase, rich } = await prepare(t);
  await check();
  await rich({ USDT: '1' });
  await db.tx(async (tx) => {
    await tx.any('SELECT pg_stat_force_next_flush()');
  });
  t.is(await check(), 'sound');
  await db.any('SELECT pg_stat_reset()');
  t.is(await check(), 'checked fully');
  t.is(await openCase(), undefined);
  t.is(await check(), 'sound');
});

test('reconciler: a full check is wanted, the next one is; a reservation changed by hand is named', async (t) => {
  const { check, db, found, user, withdraw, cases } = await prepare(t);
  const { withdrawalId } = await withdraw(user, 'BTC', '0.01');
  await check();
  await db.none('UPDATE ledger.reservations SET remaining = 0.005 WHERE reservation_id = $1', [withdrawalId]);
  t.is(await check(), 'sound', 'no sum of accounts shows it');
  await cases.wantFullCheck();
  t.is(await check(), 'checked fully');
  t.deepEqual(await found(), [`reservations: user ${user.userId}`, `reservations: withdrawal ${withdrawalId}`]);
});

test('reconciler: two full checks at once find the same, one case is opened', async (t) => {
  const { check, db } = await prepare(t);
  await check();
  await db.none("UPDATE ledger.accounts SET balance = balance + 1 WHERE asset = 'USDT' AND kind = 'available'");
  await Promise.all([check(), check(), check()]);
  const { cases, breaks } = await db.one<{ cases: string; breaks: string }>(
    'SELECT (SELECT count(*) FROM ledger.break_cases) AS cases, (SELECT count(*) FROM ledger.breaks) AS breaks',
  );
  t.deepEqual([cases, breaks], ['1', '2']);
});

test('make reconcile: sound books, ends with 0; a break, ends with 1, halts its asset and opens a case', async (t) => {
  t.timeout(60_000);
  const { db, url, user, withdraw, found } = await prepare(t);
  const reconcile = () =>
    run(process.execPath, ['scripts/reconcile.ts'], { env: { ...process.env, DATABASE_URL: url } });
  await t.notThrowsAsync(reconcile());
  await db.none("UPDATE ledger.accounts SET balance = balance + 1 WHERE asset = 'USDT' AND kind = 'available'");
  await t.throwsAsync(reconcile());
  t.like(await found(), { 0: 'zero-sum: USDT', length: 2 });
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
});
