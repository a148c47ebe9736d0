import anyTest, { type TestFn } from 'ava';
import { postTrades } from '../../../storage/ledger/posting.ts';
import { release, reserve } from '../../../storage/ledger/reservations.ts';
import { createLedgerKit, type LedgerKit, order, outcomeOf } from './kit.ts';

const test = anyTest as TestFn<LedgerKit>;

test.before(async (t) => {
  t.context = await createLedgerKit();
});
test.after.always((t) => t.context.close());
test.afterEach('the books are sound', async (t) => {
  t.deepEqual((await t.context.reconcile()).breaks, []);
});

test.serial('post trades: the worked example, leaves exactly what the specification says', async (t) => {
  const { db, newId, now, userWith, shown, house } = t.context;
  const buyer = await userWith({ USDT: '51000' });
  const seller = await userWith({ BTC: '1' });
  const buy = { ...order(newId, buyer, 'USDT', '51000'), reason: 'BUY_ORDER' };
  const sell = { ...order(newId, seller, 'BTC', '1'), reason: 'SELL_ORDER' };
  t.deepEqual(await reserve(db, 'order', [buy, sell], now()), [true, true]);
  t.is(await shown(buyer, 'USDT'), '0/51000');
  const trade = {
    tradeId: newId(),
    buyerUserId: buyer,
    sellerUserId: seller,
    buyerReservationId: buy.reservationId,
    sellerReservationId: sell.reservationId,
    baseAmount: '1',
    quoteAmount: '50000',
    buyerFee: '0.001',
    sellerFee: '50',
    buyerRelease: '1000',
  };
  await postTrades(db, 'BTC/USDT', [trade], now());
  t.is(await shown(buyer, 'BTC'), '0.999/0');
  t.is(await shown(buyer, 'USDT'), '1000/0');
  t.is(await shown(seller, 'USDT'), '49950/0');
  t.is(await shown(seller, 'BTC'), '0/0');
  t.is(await house('fees', 'BTC'), '0.001');
  t.is(await house('fees', 'USDT'), '50');
  const again = await t.throwsAsync(postTrades(db, 'BTC/USDT', [trade], now()));
  t.regex(again.message, /reservation_not_overdrawn/);
});

test.serial('reserve: a batch greedy in order, one without funds takes nothing and fails nobody', async (t) => {
  const { db, newId, now, userWith, shown } = t.context;
  const user = await userWith({ USDT: '100' });
  const stranger = newId();
  const amounts = ['60', '50', '40', '0.000001'];
  const wanted = [...amounts.map((amount) => order(newId, user, 'USDT', amount)), order(newId, stranger, 'USDT', '1')];
  t.deepEqual(await reserve(db, 'order', wanted, now()), [true, false, true, false, false]);
  t.is(await shown(user, 'USDT'), '0/100');
});

test.serial('reserve: 200 rivals each for the whole balance, exactly one gets it', async (t) => {
  const { db, newId, now, userWith, shown } = t.context;
  const user = await userWith({ USDT: '100' });
  const rivals = Array.from({ length: 200 }, () => reserve(db, 'order', [order(newId, user, 'USDT', '100')], now()));
  const granted = (await Promise.all(rivals)).flat();
  t.is(granted.filter(Boolean).length, 1);
  t.is(await shown(user, 'USDT'), '0/100');
});

test.serial('release: more than is left, in one batch, refused and nothing moves', async (t) => {
  const { db, newId, now, userWith, shown } = t.context;
  const user = await userWith({ USDT: '100' });
  const wanted = order(newId, user, 'USDT', '100');
  await reserve(db, 'order', [wanted], now());
  const part = (amount: string) => ({
    transferId: newId(),
    reservationId: wanted.reservationId,
    amount,
    reason: 'USER',
  });
  await release(db, [part('30'), part('20')], now());
  t.is(await shown(user, 'USDT'), '50/50');
  t.is(await outcomeOf(release(db, [part('30'), part('20.000001')], now())), 'RELEASE_EXCEEDS_RESERVATION');
  t.is(await outcomeOf(release(db, [{ ...part('1'), reservationId: newId() }], now())), 'RESERVATION_NOT_FOUND');
  t.is(await shown(user, 'USDT'), '50/50');
});

test.serial('withdrawal: paid out of its reservation, once, the rest is the fee', async (t) => {
  const { db, ledger, newId, userWith, shown, house } = t.context;
  const user = await userWith({ ETH: '2' });
  const wanted = { ...order(newId, user, 'ETH', '1.5'), reason: 'WITHDRAWAL' };
  await ledger.funds.reserveFunds(db, 'withdrawal', wanted);
  t.is(
    await outcomeOf(ledger.funds.reserveFunds(db, 'withdrawal', { ...wanted, reservationId: newId() })),
    'INSUFFICIENT_FUNDS',
  );
  t.is(
    await outcomeOf(ledger.funds.reserveFunds(db, 'withdrawal', { ...wanted, amount: '0.1' })),
    'IDEMPOTENCY_CONFLICT',
  );
  const crossing = { id: wanted.reservationId, amount: '1.4', rail: 'test' };
  await ledger.funds.settleWithdrawal(db, crossing);
  t.is(await shown(user, 'ETH'), '0.5/0');
  t.is(await house('fees', 'ETH'), '0.1');
  t.is(await outcomeOf(ledger.funds.settleWithdrawal(db, crossing)), 'RELEASE_EXCEEDS_RESERVATION');
  await ledger.funds.releaseFunds(db, wanted.reservationId, 'WITHDRAWAL_REJECTED');
  t.is(await shown(user, 'ETH'), '0.5/0');
});

test.serial('transfers: changed, deleted or truncated by hand, refused', async (t) => {
  const { db, userWith } = t.context;
  await userWith({ USDT: '1' });
  const deeds = ['UPDATE ledger.transfers SET amount = 2', 'DELETE FROM ledger.transfers', 'TRUNCATE ledger.transfers'];
  const { part } = await db.one<{ part: string }>(
    'SELECT tableoid::regclass::text AS part FROM ledger.transfers LIMIT 1',
  );
  for (const deed of [...deeds, `TRUNCATE ${part}`]) {
    const error = await t.throwsAsync(db.none(deed));
    t.regex(error.message, /append-only/, deed);
  }
});
