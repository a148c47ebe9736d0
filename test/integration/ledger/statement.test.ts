import anyTest, { type TestFn } from 'ava';
import type { Entry } from '../../../services/ledger/wallets.ts';
import { postTrades } from '../../../storage/ledger/posting.ts';
import { release, reserve } from '../../../storage/ledger/reservations.ts';
import { createLedgerKit, type LedgerKit, order } from './kit.ts';

const test = anyTest as TestFn<LedgerKit>;

test.before(async (t) => {
  t.context = await createLedgerKit();
});
test.after.always((t) => t.context.close());

const lines = (entries: readonly Entry[]): readonly string[] =>
  entries.map(
    ({ kind, reason, account, counterAccount, amount, balanceAfter }) =>
      `${kind} ${reason} ${account}/${counterAccount} ${amount} ${balanceAfter}`,
  );

/** A buyer's statement of USDT and of BTC: deposited, reserved, traded with a fee, and the rest released. */
async function trade({ db, newId, now, advance, userWith }: LedgerKit) {
  const buyer = await userWith({ USDT: '100' });
  const seller = await userWith({ BTC: '1' });
  const begun = now();
  advance(3_600_000);
  const buy = order(newId, buyer, 'USDT', '60');
  const sell = { ...order(newId, seller, 'BTC', '1'), reason: 'SELL_ORDER' };
  await reserve(db, 'order', [buy, sell], now());
  advance(3_600_000);
  const fill = {
    ...{ tradeId: newId(), buyerUserId: buyer, sellerUserId: seller },
    ...{ buyerReservationId: buy.reservationId, sellerReservationId: sell.reservationId },
    ...{ baseAmount: '1', quoteAmount: '50', buyerFee: '0.001', sellerFee: '0.05', buyerRelease: '0' },
  };
  await postTrades(db, 'BTC/USDT', [fill], now());
  advance(3_600_000);
  await release(
    db,
    [{ transferId: newId(), reservationId: buy.reservationId, amount: '10', reason: 'ORDER_CANCELLED' }],
    now(),
  );
  return { buyer, seller, begun };
}

test.serial('statement: of a trade, each entry names its reason, both sides and the balance after', async (t) => {
  const { ledger } = t.context;
  const { buyer, seller, begun } = await trade(t.context);
  const all = { before: undefined, limit: 50 };
  const usdt = (more: object) => ledger.wallets.entries(buyer, { asset: 'USDT', ...all, ...more });
  const whole = [
    'RELEASE ORDER_CANCELLED available/reserved 10 50',
    'RELEASE ORDER_CANCELLED reserved/available -10 0',
    'TRADE_SELL TRADE reserved/user -50 10',
    'RESERVE BUY_ORDER available/reserved -60 40',
    'RESERVE BUY_ORDER reserved/available 60 60',
    'DEPOSIT DEPOSIT available/clearing 100 100',
  ];
  t.deepEqual(lines((await usdt({})).entries), whole);
  t.deepEqual(lines((await ledger.wallets.entries(buyer, { asset: 'BTC', ...all })).entries), [
    'FEE TRADE_FEE available/fees -0.001 0.999',
    'TRADE_BUY TRADE available/user 1 1',
  ]);
  t.like((await ledger.wallets.entries(seller, { asset: 'USDT', ...all })).entries, {
    0: { kind: 'FEE', counterAccount: 'fees' },
    1: { kind: 'TRADE_SELL', counterAccount: 'user' },
    length: 2,
  });

  const at = (hours: number): Date => new Date(begun.getTime() + hours * 3_600_000);
  t.deepEqual(lines((await usdt({ end: at(0.5) })).entries), whole.slice(5));
  t.deepEqual(lines((await usdt({ start: at(0.5), end: at(2.5) })).entries), whole.slice(2, 5));
  t.deepEqual(lines((await usdt({ start: at(2.5) })).entries), whole.slice(0, 2));
  t.deepEqual((await usdt({ start: at(4) })).entries, []);
});

test.serial('statement: by an instant, from then on and until before then', async (t) => {
  const { ledger } = t.context;
  const { buyer } = await trade(t.context);
  const request = { asset: 'USDT', before: undefined, limit: 50 };
  const { entries } = await ledger.wallets.entries(buyer, request);
  const at = entries.find(({ kind }) => kind === 'TRADE_SELL')?.createdAt;
  const since = await ledger.wallets.entries(buyer, { ...request, start: at });
  const until = await ledger.wallets.entries(buyer, { ...request, end: at });
  t.deepEqual(lines([...since.entries, ...until.entries]), lines(entries));
  t.is(since.entries.at(-1)?.kind, 'TRADE_SELL');
});

test.serial('statement: filtered and page by page, the same as at once', async (t) => {
  const { ledger, newId, advance, now } = t.context;
  const user = await t.context.userWith({ USDT: '1' });
  advance(60_000);
  const start = now();
  for (let n = 0; n < 5; n += 1) {
    await ledger.funds.creditDeposit(
      t.context.db,
      { id: newId(), amount: '1', rail: 'test' },
      { userId: user, asset: 'USDT' },
    );
  }
  const request = { asset: 'USDT', start, end: undefined };
  const seen: Entry[] = [];
  let before: string | undefined;
  do {
    const page = await ledger.wallets.entries(user, { ...request, before, limit: 2 });
    seen.push(...page.entries);
    before = page.next;
  } while (before !== undefined);
  t.is(seen.length, 5);
  t.deepEqual(seen, (await ledger.wallets.entries(user, { ...request, before: undefined, limit: 50 })).entries);
});
