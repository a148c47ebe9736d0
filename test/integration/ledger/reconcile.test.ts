import anyTest, { type TestFn } from 'ava';
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

test.serial('reconcile: a transfer changed by hand behind the trigger, both accounts are named', async (t) => {
  const { db, reconcile } = t.context;
  const change = (by: number) =>
    db.multi(
      `BEGIN; ALTER TABLE ledger.transfers DISABLE TRIGGER transfers_append_only;
       UPDATE ledger.transfers SET amount = amount + ${by} WHERE kind = 'DEPOSIT' AND asset = 'USDT';
       ALTER TABLE ledger.transfers ENABLE TRIGGER transfers_append_only; COMMIT`,
    );
  await change(1);
  t.deepEqual(
    (await reconcile()).breaks.map(({ check }) => check),
    ['balances', 'balances'],
  );
  await change(-1);
  t.deepEqual((await reconcile()).breaks, []);
});

test.serial('reconcile: a reservation changed by hand, its user is named', async (t) => {
  const { db, reconcile, heldUserId } = t.context;
  await db.none('UPDATE ledger.reservations SET remaining = 0.5');
  t.deepEqual((await reconcile()).breaks, [
    { check: 'reservations', subject: `user ${heldUserId}`, finding: 'has 1 BTC reserved, reservations hold 0.5' },
  ]);
  await db.none('UPDATE ledger.reservations SET remaining = 1');
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
    ['BTC/USDT 2 is not posted', 'BTC/USDT lacks trade 3'],
  );
  await db.none("INSERT INTO ledger.settlement_progress VALUES ('BTC/USDT', 1, now())");
  t.true((await reconcile()).breaks.some(({ finding }) => finding === 'BTC/USDT 1 is not posted'));
});
