import test, { type ExecutionContext } from 'ava';
import type { CustodyGateway, StatementGateway } from '../../../gateways/custody/custody.ts';
import { run } from '../../../scripts/setup/commands.ts';
import { loadCheckState } from '../../../storage/ledger/checks.ts';
import { bookWithdrawal } from '../../_support/crossings.ts';
import { prepare } from './break-kit.ts';
import { outcomeOf } from './kit.ts';

const minute = 60_000;

type World = Awaited<ReturnType<typeof prepare>>;

/** Money that leaves with the exchange's own key and without the exchange. */
async function steal({ custody }: World, amount: string, nonce = '1000000'): Promise<string> {
  const signed = await custody.sign({ nonce, asset: 'USDT', amount, to: 'dev1thief' });
  await custody.broadcast(signed);
  return signed.hash;
}

/** What is found, whole, of the custodian's statement; there is nothing else. */
async function findings(t: ExecutionContext, { openCase }: World): Promise<readonly string[]> {
  const breaks = (await openCase())?.breaks ?? [];
  t.deepEqual(
    breaks.filter(({ check }) => check !== 'statement'),
    [],
  );
  return breaks
    .filter(({ mendedAt }) => mendedAt === undefined)
    .map(({ subject, finding }) => `${subject} ${finding}`)
    .toSorted();
}

test('statement: deposits, a paid withdrawal, one sent and one only signed, it agrees', async (t) => {
  const world = await prepare(t);
  const { approved, send, user, withdrawals, custody, custodyUrl, checkFully, openCase, metric, now } = world;
  await send(await approved(user, 'USDT', '100'));
  const [sent, signed] = [await approved(user, 'USDT', '50'), await approved(user, 'BTC', '0.01')];
  for (const id of [sent, signed]) await withdrawals.steps.prepare(id, custody);
  await withdrawals.steps.broadcast(sent, custody);
  await checkFully();
  t.is(await openCase(), undefined);
  t.is(await metric('reconciliation_statement_timestamp_seconds'), now().getTime() / 1_000);
  t.is((await custody.statement()).lines.length, 2);
  // As in the midst of sending: the chain has it, and that is not recorded.
  const { raw_bytes: bytes } = await world.db.one<{ raw_bytes: string }>(
    'SELECT raw_bytes FROM payments.withdrawals WHERE withdrawal_id = $1',
    [signed],
  );
  await fetch(`${custodyUrl}/transactions`, { method: 'POST', body: JSON.stringify({ bytes }) });
  await checkFully();
  t.is(await openCase(), undefined);
});

test('statement: money left by no withdrawal, its asset is halted; booked by hand, the case can end', async (t) => {
  const world = await prepare(t);
  const { db, user, withdraw, checkFully, openCase, newId, advance, rich, now } = world;
  await checkFully();
  const hash = await steal(world, '7');
  await checkFully();
  const whole = [
    'USDT 7 left by the statement, 0 by the clearing account of dev',
    `transaction ${hash} is on the statement as 7 USDT to dev1thief, and nothing is known of it`,
  ];
  t.deepEqual(await findings(t, world), whole);
  t.like(await openCase(), { state: 'BROKEN', assets: ['USDT'] });
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
  t.is(await outcomeOf(withdraw(user, 'BTC', '0.01')), 'done');

  const house = await rich({ USDT: '7' });
  const row = { id: newId(), userId: house.userId, asset: 'USDT', amount: '7', hash, address: 'dev1thief' };
  await bookWithdrawal(db, row, now());
  advance(minute);
  await checkFully();
  t.deepEqual(await findings(t, world), []);
  t.like(await openCase(), { state: 'REVIEW' });
});

for (const [what, other, finding] of [
  ['another amount', { amount: '250' }, '250 USDT to dev1destination'],
  ['another address', { to: 'dev1thief' }, '25 USDT to dev1thief'],
  ['another asset', { asset: 'BTC' }, '25 BTC to dev1destination'],
] as const) {
  test(`statement: a withdrawal was sent with ${what}, it is named`, async (t) => {
    const world = await prepare(t);
    const { approved, send, user, withdrawals, custody, checkFully, openCase, db } = world;
    const id = await approved(user, 'USDT', '25');
    await withdrawals.steps.prepare(id, { ...custody, sign: (wanted) => custody.sign({ ...wanted, ...other }) });
    await withdrawals.steps.broadcast(id, custody);
    await checkFully();
    const { hash } = await db.one<{ hash: string }>('SELECT tx_hash AS hash FROM payments.withdrawals');
    const here = `25 USDT to dev1destination by ${hash}`;
    const named = `withdrawal ${id} is on the statement as ${finding}, and here as ${here}`;
    t.deepEqual(await findings(t, world), [named], 'before it is settled');
    await send(id);
    await checkFully();
    t.true((await findings(t, world)).includes(named));
    t.deepEqual((await openCase())?.assets, 'asset' in other ? ['BTC', 'USDT'] : ['USDT']);
  });
}

test('statement: a settled withdrawal is not on it, it is named after 5 minutes', async (t) => {
  const world = await prepare(t);
  const { db, user, withdraw, newId, now, advance, checkFully } = world;
  const row = { id: newId(), userId: user.userId, asset: 'USDT', amount: '9', hash: '0x99' };
  await bookWithdrawal(db, row, now());
  await checkFully();
  t.deepEqual(await findings(t, world), []);
  advance(6 * minute);
  await checkFully();
  t.deepEqual(await findings(t, world), [
    'USDT 0 left by the statement, 9 by the clearing account of dev',
    `withdrawal ${row.id} is not on the statement, and here as 9 USDT to dev1destination by 0x99`,
  ]);
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
});

test('statement: two withdrawals say they are one transaction, the sums tell', async (t) => {
  const world = await prepare(t);
  const { db, user, approved, send, newId, now, checkFully } = world;
  await send(await approved(user, 'USDT', '9'));
  const { hash } = await db.one<{ hash: string }>('SELECT tx_hash AS hash FROM payments.withdrawals');
  const row = { id: newId(), userId: user.userId, asset: 'USDT', amount: '9', hash };
  await bookWithdrawal(db, row, now());
  await checkFully();
  t.deepEqual(await findings(t, world), ['USDT 9 left by the statement, 18 by the clearing account of dev']);
});

test('statement: a transaction is on it twice, it is named', async (t) => {
  const twice = (custody: CustodyGateway): StatementGateway => ({
    rail: 'dev',
    async statement(next) {
      const page = await custody.statement(next);
      return { ...page, lines: [...page.lines, ...page.lines] };
    },
  });
  const world = await prepare(t, twice);
  const { user, approved, send, db, checkFully } = world;
  const id = await approved(user, 'BTC', '0.01');
  await send(id);
  await checkFully();
  const { hash } = await db.one<{ hash: string }>('SELECT tx_hash AS hash FROM payments.withdrawals');
  const content = '0.01 BTC to dev1destination';
  t.deepEqual(await findings(t, world), [
    'BTC 0.02 left by the statement, 0.01 by the clearing account of dev',
    `withdrawal ${id} is on the statement as ${content}, 2 times, and here as ${content} by ${hash}`,
  ]);
});

test('statement: a withdrawal is sent and settled after it was read, no alarm', async (t) => {
  let meanwhile = async (): Promise<unknown> => undefined;
  const slow = (custody: CustodyGateway): StatementGateway => ({
    rail: 'dev',
    async statement(next) {
      const page = await custody.statement(next);
      await meanwhile();
      return page;
    },
  });
  const world = await prepare(t, slow);
  const { user, approved, send, checkFully, db, openCase } = world;
  const id = await approved(user, 'USDT', '9');
  meanwhile = () => send(id);
  await checkFully();
  t.is(await openCase(), undefined);
  t.like(await db.one('SELECT state FROM payments.withdrawals'), { state: 'SETTLED' });
  world.advance(6 * minute);
  await checkFully();
  t.is(await openCase(), undefined);
});

test('statement: the custodian is away, the rest is checked and what he said before stays so', async (t) => {
  const world = await prepare(t);
  const { db, user, withdraw, warned, setTrouble, checkFully, openCase, metric, advance, found } = world;
  const comparedAt = () => metric('reconciliation_statement_timestamp_seconds');
  await setTrouble({ fail: 'before' });
  await checkFully();
  t.is(await openCase(), undefined);
  t.deepEqual(warned, ['The custodian gives no statement: the books are checked without it']);
  t.is(await comparedAt(), 0);
  t.not((await loadCheckState(db)).soundAt, undefined);

  await setTrouble({ fail: 'never' });
  await steal(world, '7');
  await checkFully();
  t.is((await findings(t, world)).length, 2);
  const { soundAt } = await loadCheckState(db);
  const at = await comparedAt();
  await setTrouble({ fail: 'before' });
  advance(minute);
  await db.none("UPDATE ledger.accounts SET balance = balance + 1 WHERE asset = 'BTC' AND kind = 'available'");
  await checkFully();
  t.true((await found())?.includes('zero-sum: BTC'));
  await db.none("UPDATE ledger.accounts SET balance = balance - 1 WHERE asset = 'BTC' AND kind = 'available'");
  await checkFully();
  t.like(await openCase(), { state: 'BROKEN' });
  t.is(await metric('reconciliation_breaks'), 2);
  t.is(await comparedAt(), at);
  t.deepEqual((await loadCheckState(db)).soundAt, soundAt);
  t.is(await outcomeOf(withdraw(user, 'USDT', '1')), 'WITHDRAWALS_HALTED');
});

test('statement: the custodian says what is no amount, as if he were away', async (t) => {
  const odd = (): StatementGateway => ({
    rail: 'dev',
    statement: async () => ({
      lines: [{ direction: 'out', reference: '0x1', asset: 'USDT', amount: '-1', to: 'x', at: new Date() }],
      next: undefined,
    }),
  });
  const { checkFully, warned, openCase } = await prepare(t, odd);
  await checkFully();
  t.is(warned.length, 1);
  t.is(await openCase(), undefined);
});

test('statement: a transfer came, it is named when it was not reported within 5 minutes, or otherwise', async (t) => {
  const world = await prepare(t);
  const { db, custodyUrl, checkFully, advance, user, newId, openCase } = world;
  const body = JSON.stringify({ reference: 'from a friend', asset: 'BTC', amount: '2' });
  await fetch(`${custodyUrl}/incoming`, { method: 'POST', body });
  await checkFully();
  t.is(await openCase(), undefined);
  advance(6 * minute);
  await checkFully();
  t.deepEqual(await findings(t, world), [
    'incoming transfer from a friend is on the statement as 2 BTC, and nothing is known of it',
  ]);
  const depositId = newId();
  const report = (amount: string) =>
    db.none(
      `INSERT INTO payments.deposits (deposit_id, rail, reference, user_id, asset, amount, created_at)
       VALUES ($1, 'dev', 'from a friend', $2, 'BTC', $3, now())
           ON CONFLICT (rail, reference) DO UPDATE SET amount = excluded.amount`,
      [depositId, user.userId, amount],
    );
  await report('20');
  await checkFully();
  t.deepEqual(await findings(t, world), [
    `deposit ${depositId} is on the statement as 2 BTC, and here as 20 BTC by from a friend`,
  ]);
  await report('2');
  await checkFully();
  t.deepEqual(await findings(t, world), []);
});

test('make reconcile: with a custodian, without one and with one who is away, it says so', async (t) => {
  t.timeout(60_000);
  const world = await prepare(t);
  const { url, custodyUrl, user, approved, send, setTrouble } = world;
  await send(await approved(user, 'USDT', '9'));
  const reconcile = (more: object = {}) =>
    run(process.execPath, ['scripts/reconcile.ts'], { env: { ...process.env, DATABASE_URL: url, ...more } });
  const compared = await reconcile({ CUSTODY_URL: custodyUrl });
  t.regex(compared, /1 lines on the custodian’s statement/);
  t.regex(compared, /'USDT' +│ +'9' +│ +'9'/);
  t.regex(compared, /'crossings' +│ +0 /);
  t.regex(compared, /'statement' +│ +0 /);
  t.regex(await reconcile(), /Without a custodian’s statement/);
  await setTrouble({ fail: 'before' });
  const alone = await reconcile({ CUSTODY_URL: custodyUrl });
  t.regex(alone, /Without a custodian’s statement/);
  t.notRegex(alone, /'statement'/);
  await setTrouble({ fail: 'never' });
  await steal(world, '7');
  const failed = await t.throwsAsync(reconcile({ CUSTODY_URL: custodyUrl }));
  t.regex(failed.message, /transaction 0x/);
  await setTrouble({ fail: 'before' });
  await t.throwsAsync(reconcile({ CUSTODY_URL: custodyUrl }), { message: /2 breaks of earlier statements are open/ });
});
