import anyTest, { type TestFn } from 'ava';
import { legId, legs } from '../../../domain/ledger/ledger.ts';
import { reserve } from '../../../storage/ledger/reservations.ts';
import { createLedgerKit, type LedgerKit } from './kit.ts';

const test = anyTest as TestFn<LedgerKit & { readonly userId: string; readonly heldUserId: string }>;

test.before(async (t) => {
  const kit = await createLedgerKit();
  const userId = await kit.userWith({ USDT: '100' });
  const heldUserId = await kit.userWith({ BTC: '1' });
  const wanted = { reservationId: kit.newId(), userId: heldUserId, asset: 'BTC', amount: '1', reason: 'SELL_ORDER' };
  await reserve(kit.db, 'order', [wanted], kit.now());
  t.context = { ...kit, userId, heldUserId };
});
test.after.always((t) => t.context.close());

const break1 = "UPDATE ledger.accounts SET balance = balance + 1 WHERE kind = 'available' AND asset = 'USDT'";
const mend1 = "UPDATE ledger.accounts SET balance = balance - 1 WHERE kind = 'available' AND asset = 'USDT'";

test.serial('reconcile: sound books, nothing is found', async (t) => {
  const { assets, breaks } = await t.context.reconcile();
  t.deepEqual(breaks, []);
  t.deepEqual(
    assets.map(({ asset, total }) => `${asset} ${total}`),
    ['BTC 0', 'ETH 0', 'USDT 0'],
  );
});

test.serial('reconcile: one balance changed by hand, its asset and its account are named', async (t) => {
  const { db, reconcile } = t.context;
  await db.none(break1);
  const { breaks } = await reconcile();
  t.deepEqual(
    breaks.map(({ check, finding }) => `${check}: ${finding}`),
    ['zero-sum: sums to 1', 'balances: holds 101 USDT, its transfers say 100'],
  );
  await db.none(mend1);
  t.deepEqual((await reconcile()).breaks, []);
});

/** Does what only a superuser can, looks at the books, and takes it back. */
async function damaged(
  { db, reconcile }: LedgerKit,
  sql: string,
  values: readonly unknown[],
): Promise<readonly string[]> {
  await db.none('CREATE TABLE ledger.kept AS SELECT * FROM ledger.transfers');
  const behindTheTrigger = (statement: string) =>
    db.tx(async (tx) => {
      await tx.none('ALTER TABLE ledger.transfers DISABLE TRIGGER transfers_append_only');
      await tx.none(statement, [...values]);
      await tx.none('ALTER TABLE ledger.transfers ENABLE TRIGGER transfers_append_only');
    });
  await behindTheTrigger(sql);
  const { breaks } = await reconcile();
  await behindTheTrigger(
    'DELETE FROM ledger.transfers; INSERT INTO ledger.transfers SELECT * FROM ledger.kept; DROP TABLE ledger.kept',
  );
  return breaks.map(({ check, subject }) => `${check}: ${subject.replace(/account \d+/, 'account')}`);
}

const change = (set: string): string => `UPDATE ledger.transfers SET ${set} WHERE transfer_id = $1`;
for (const [what, sql, others] of [
  ['with another amount', change('amount = amount + 0.1'), ['balances: account', 'balances: account']],
  [
    'with another amount and the balances that follow from it',
    change(`amount = amount + 0.1, debit_balance_after = debit_balance_after - 0.1,
            credit_balance_after = credit_balance_after + 0.1`),
    ['balances: account', 'balances: account'],
  ],
  ['with another balance after it', change('credit_balance_after = credit_balance_after + 0.1'), []],
  [
    'with its accounts exchanged',
    change('debit_account_id = credit_account_id, credit_account_id = debit_account_id'),
    ['balances: account', 'balances: account'],
  ],
  ['of another asset', change("asset = 'ETH'"), Array.from({ length: 4 }, () => 'balances: account')],
] as const) {
  test.serial(`reconcile: a transfer ${what} behind the trigger, it is named`, async (t) => {
    const { ledger, db, reconcile, userWith, newId, now } = t.context;
    const user = await userWith({ BTC: '5' });
    const wanted = { userId: user, asset: 'BTC', amount: '0.7', reason: 'T' };
    await reserve(db, 'external', [{ ...wanted, reservationId: newId() }], now());
    await userWith({ BTC: '11' });
    const id = newId();
    await ledger.funds.creditDeposit(db, { id, amount: '3', rail: 'test' }, { userId: user, asset: 'BTC' });
    await userWith({ BTC: '13' });
    await reserve(db, 'external', [{ ...wanted, reservationId: newId() }], now());

    const found = await damaged(t.context, sql, [legId(id, legs.deposit)]);
    t.deepEqual(found, [...others, `transfers: transfer ${legId(id, legs.deposit)}`]);
    t.deepEqual((await reconcile()).breaks, []);
  });
}

test.serial('reconcile: a changed transfer whose neighbour is that of both accounts, both are named', async (t) => {
  const { db, userWith, newId, now } = t.context;
  const userId = await userWith({ BTC: '5' });
  const ids = [newId(), newId(), newId()] as const;
  for (const reservationId of ids) {
    await reserve(db, 'external', [{ reservationId, userId, asset: 'BTC', amount: '0.7', reason: 'T' }], now());
  }
  const [first, second] = ids.map((id) => legId(id, legs.reserve));
  t.deepEqual(await damaged(t.context, change('amount = amount + 0.1'), [second]), [
    'balances: account',
    'balances: account',
    `transfers: transfer ${first}`,
    `transfers: transfer ${second}`,
  ]);
});

test.serial('reconcile: a transfer deleted behind the trigger, both accounts and no innocent are named', async (t) => {
  const { db, userWith, reconcile } = t.context;
  await userWith({ BTC: '5' });
  const user = await userWith({ BTC: '7' });
  await userWith({ BTC: '5' });
  const { transfer_id: id } = await db.one<{ transfer_id: string }>(
    `SELECT transfer_id FROM ledger.transfers JOIN ledger.accounts ON account_id = credit_account_id
      WHERE owner_id = $1`,
    [user],
  );
  t.deepEqual(await damaged(t.context, 'DELETE FROM ledger.transfers WHERE transfer_id = $1', [id]), [
    'balances: account',
    'balances: account',
  ]);
  t.deepEqual((await reconcile()).breaks, []);
});

test.serial('reconcile: a reservation changed by hand, its user is named', async (t) => {
  const { db, reconcile, heldUserId } = t.context;
  await db.none("UPDATE ledger.reservations SET remaining = 0.5 WHERE kind = 'order'");
  t.deepEqual((await reconcile()).breaks, [
    {
      check: 'reservations',
      subject: `user ${heldUserId}`,
      assets: ['BTC'],
      finding: 'has 1 BTC reserved, reservations hold 0.5',
    },
  ]);
  await db.none("UPDATE ledger.reservations SET remaining = 1 WHERE kind = 'order'");
});

test.serial('reconcile: two reservations of one user exchanged, or for nothing, each is named', async (t) => {
  const { db, reconcile, needs, newId, now, userWith, heldUserId } = t.context;
  const [one, two, none] = [newId(), newId(), newId()];
  const userId = await userWith({ BTC: '3' });
  const wanted = [one, two].map((reservationId) => ({ reservationId, userId, asset: 'BTC', amount: '1', reason: 'T' }));
  await reserve(db, 'order', wanted, now());
  const { reservation_id: held } = await db.one<{ reservation_id: string }>(
    'SELECT reservation_id FROM ledger.reservations WHERE user_id = $1',
    [heldUserId],
  );
  for (const id of [held, one, two]) needs.set(id, '1');
  t.deepEqual((await reconcile()).breaks, []);
  const move = (id: string, by: string) =>
    db.none('UPDATE ledger.reservations SET remaining = remaining + $2 WHERE reservation_id = $1', [id, by]);
  await move(one, '0.25');
  await move(two, '-0.25');
  needs.delete(held);
  needs.set(none, '0.1');
  const found = (await reconcile()).breaks.map(({ subject, finding }) => `${subject} ${finding}`);
  t.deepEqual(
    found.toSorted(),
    [
      `order ${held} has 1 BTC reserved and needs 0`,
      `order ${one} has 1.25 BTC reserved and needs 1`,
      `order ${two} has 0.75 BTC reserved and needs 1`,
      `order ${none} has nothing reserved and needs 0.1`,
    ].toSorted(),
  );
  await move(one, '-0.25');
  await move(two, '0.25');
  needs.clear();
});

test.serial('reconcile: trades unsettled for 5 minutes, missing from the sequence or skipped, are named', async (t) => {
  const { db, reconcile, committed, newId, now, userId, heldUserId } = t.context;
  const trade = (tradeSeq: number, ageMs: number) => ({
    tradeId: newId(),
    symbol: 'BTC/USDT',
    tradeSeq,
    buyerUserId: userId,
    sellerUserId: heldUserId,
    buyerOrderId: newId(),
    sellerOrderId: newId(),
    buyerReservationId: newId(),
    sellerReservationId: newId(),
    baseAmount: '1',
    quoteAmount: '1',
    buyerFee: '0',
    sellerFee: '0',
    buyerRelease: '0',
    executedAt: new Date(now().getTime() - ageMs),
  });
  committed.push(trade(1, 1_000));
  t.deepEqual((await reconcile()).breaks, []);
  committed.push(trade(2, 301_000), trade(4, 1_000));
  t.deepEqual(
    (await reconcile()).breaks.map(({ finding }) => finding),
    ['BTC/USDT lacks trade 3', 'BTC/USDT 2 is not posted'],
  );
  await db.none("INSERT INTO ledger.settlement_progress VALUES ('BTC/USDT', 1, now())");
  t.true((await reconcile()).breaks.some(({ finding }) => finding === 'BTC/USDT 1 is not posted'));
});
