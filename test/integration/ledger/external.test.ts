import anyTest, { type TestFn } from 'ava';
import type { ExternalTrade } from '../../../services/ledger/settle-trade.ts';
import { reserve } from '../../../storage/ledger/reservations.ts';
import { createLedgerKit, type LedgerKit, order, outcomeOf } from './kit.ts';

const test = anyTest as TestFn<LedgerKit>;

test.before(async (t) => {
  t.context = await createLedgerKit();
});
test.after.always((t) => t.context.close());
test.afterEach('the books are sound', async (t) => {
  t.deepEqual((await t.context.reconcile()).breaks, []);
});

const request = (userId: string, orderId: string, amount: string) => ({
  userId,
  orderId,
  amount,
  asset: 'USDT',
  reason: 'BUY_ORDER',
});

test.serial('external reserve: 50 concurrent repeats, one effect and one answer', async (t) => {
  const { ledger, newId, userWith, shown, transfers } = t.context;
  const user = await userWith({ USDT: '100' });
  const before = await transfers();
  const asked = request(user, newId(), '10.50');
  const answers = await Promise.all(Array.from({ length: 50 }, () => ledger.external.reserve(asked)));
  for (const answer of answers) t.deepEqual(answer, answers[0]);
  t.is(await transfers(), before + 1);
  t.is(await shown(user, 'USDT'), '89.5/10.5');
  t.deepEqual(await ledger.external.reserve({ ...asked, amount: '10.5' }), answers[0]);
  t.is(await outcomeOf(ledger.external.reserve({ ...asked, amount: '10' })), 'IDEMPOTENCY_CONFLICT');
});

test.serial(
  'external reserve: refused for want of funds, refused again after a deposit and free after 24 h',
  async (t) => {
    const { db, ledger, newId, userWith, shown, advance } = t.context;
    const user = await userWith({ USDT: '1' });
    const asked = request(user, newId(), '10');
    t.is(await outcomeOf(ledger.external.reserve(asked)), 'INSUFFICIENT_FUNDS');
    await ledger.funds.creditDeposit(db, { id: newId(), amount: '100', rail: 'test' }, { userId: user, asset: 'USDT' });
    t.is(await outcomeOf(ledger.external.reserve(asked)), 'INSUFFICIENT_FUNDS');
    t.is(await outcomeOf(ledger.external.reserve({ ...asked, amount: '9' })), 'IDEMPOTENCY_CONFLICT');
    t.is(await shown(user, 'USDT'), '101/0');
    advance(24 * 3_600_000 + 1_000);
    t.is(await outcomeOf(ledger.external.reserve(asked)), 'done');
    t.is(await shown(user, 'USDT'), '91/10');
  },
);

test.serial('external reserve: malformed amounts and assets, refused and the id stays free', async (t) => {
  const { ledger, newId, userWith } = t.context;
  const user = await userWith({ USDT: '100' });
  const asked = request(user, newId(), '1');
  for (const bad of [
    { amount: '0' },
    { amount: '-1' },
    { amount: '1e3' },
    { amount: '0.0000001' },
    { asset: 'DOGE' },
  ]) {
    t.is(await outcomeOf(ledger.external.reserve({ ...asked, ...bad })), 'INVALID_REQUEST', JSON.stringify(bad));
  }
  t.is(await outcomeOf(ledger.external.reserve(asked)), 'done');
});

test.serial("external release: all once, parts by key, never another user's and never an order's", async (t) => {
  const { db, ledger, newId, now, userWith, shown } = t.context;
  const user = await userWith({ USDT: '200' });
  const asked = request(user, newId(), '100');
  await ledger.external.reserve(asked);
  const part = { ...asked, amount: '40' };
  t.is(await outcomeOf(ledger.external.release(part, undefined)), 'IDEMPOTENCY_KEY_REQUIRED');
  const first = await ledger.external.release(part, 'a');
  t.deepEqual(await ledger.external.release(part, 'a'), first);
  t.is(await outcomeOf(ledger.external.release({ ...part, amount: '41' }, 'a')), 'IDEMPOTENCY_CONFLICT');
  t.is(await shown(user, 'USDT'), '140/60');
  t.is(await outcomeOf(ledger.external.release({ ...asked, amount: '61' }, undefined)), 'RELEASE_EXCEEDS_RESERVATION');
  t.is(
    await outcomeOf(ledger.external.release({ ...asked, amount: '60', userId: newId() }, undefined)),
    'RESERVATION_NOT_FOUND',
  );
  const all = { ...asked, amount: '60' };
  const repeats = await Promise.all(Array.from({ length: 20 }, () => ledger.external.release(all, undefined)));
  for (const answer of repeats) t.deepEqual(answer, repeats[0]);
  t.is(await shown(user, 'USDT'), '200/0');
  const live = order(newId, user, 'USDT', '10');
  await reserve(db, 'order', [live], now());
  t.is(
    await outcomeOf(ledger.external.release(request(user, live.reservationId, '10'), undefined)),
    'RESERVATION_NOT_FOUND',
  );
  t.is(await outcomeOf(ledger.external.reserve(request(user, live.reservationId, '10'))), 'IDEMPOTENCY_CONFLICT');
});

async function twoSides({ ledger, newId, userWith }: LedgerKit): Promise<ExternalTrade> {
  const buyer = await userWith({ USDT: '60000' });
  const seller = await userWith({ BTC: '2' });
  await ledger.external.reserve(request(buyer, newId(), '20000'));
  await ledger.external.reserve(request(buyer, newId(), '30000'));
  await ledger.external.reserve({ ...request(seller, newId(), '1'), asset: 'BTC' });
  return {
    tradeId: newId(),
    buyerUserId: buyer,
    sellerUserId: seller,
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    quantity: '1',
    price: '50000',
    buyerFee: '0.001',
    sellerFee: '50',
    buyerFeeAsset: 'BTC',
    sellerFeeAsset: 'USDT',
  };
}

test.serial('external: reserved, released and settled, the users are told that their balances changed', async (t) => {
  const { db, ledger } = t.context;
  const told = async (): Promise<readonly (readonly string[])[]> => {
    const entries = await db.manyOrNone<{ user_ids: string[] }>(
      `WITH taken AS (DELETE FROM outbox.entries WHERE payload ->> 'stream' = 'wallet.events' RETURNING seq, payload)
       SELECT payload #> '{event,payload,user_ids}' AS user_ids FROM taken ORDER BY seq`,
    );
    return entries.map(({ user_ids }) => user_ids);
  };
  await told();
  const trade = await twoSides(t.context);
  const { buyerUserId: buyer, sellerUserId: seller } = trade;
  t.deepEqual(await told(), [[buyer], [buyer], [seller]]);
  await ledger.settleTrade(trade);
  await ledger.settleTrade(trade);
  t.deepEqual(await told(), [[buyer, seller]]);
  const asked = request(buyer, t.context.newId(), '1');
  await ledger.external.reserve(asked);
  await ledger.external.release(asked, undefined);
  await ledger.external.release(asked, undefined);
  t.deepEqual(await told(), [[buyer], [buyer]]);
});

test.serial('settle trade: without order ids, draws on what was reserved first, whatever the ids say', async (t) => {
  const { ledger, newId, userWith, advance } = t.context;
  const [later, earlier] = [newId(), newId()].reverse();
  const buyer = await userWith({ USDT: '100' });
  const seller = await userWith({ BTC: '1' });
  await ledger.external.reserve(request(buyer, later!, '40'));
  advance(1_000);
  await ledger.external.reserve(request(buyer, earlier!, '40'));
  await ledger.external.reserve({ ...request(seller, newId(), '1'), asset: 'BTC' });
  const trade = { ...(await twoSides(t.context)), buyerUserId: buyer, sellerUserId: seller };
  await ledger.settleTrade({ ...trade, price: '50', buyerFee: '0', sellerFee: '0' });
  t.is(await outcomeOf(ledger.external.release(request(buyer, later!, '1'), 'a')), 'RELEASE_EXCEEDS_RESERVATION');
  t.is(await outcomeOf(ledger.external.release(request(buyer, earlier!, '30'), undefined)), 'done');
});

test.serial(
  'external: an id that differs from another in its last digit alone, refused and nothing moves',
  async (t) => {
    const { ledger, newId, userWith, shown } = t.context;
    const user = await userWith({ USDT: '100' });
    const id = newId().slice(0, -1);
    t.is(await outcomeOf(ledger.external.reserve(request(user, `${id}a`, '10'))), 'done');
    t.is(await outcomeOf(ledger.external.reserve(request(user, `${id}b`, '10'))), 'IDEMPOTENCY_CONFLICT');
    const trade = await twoSides(t.context);
    t.is(await outcomeOf(ledger.settleTrade({ ...trade, tradeId: `${id}c` })), 'IDEMPOTENCY_CONFLICT');
    t.is(await shown(user, 'USDT'), '90/10');
    t.is(await outcomeOf(ledger.settleTrade(trade)), 'done');
  },
);

test.serial('settle trade: repeated 50 times at once, posted once from the oldest reservations', async (t) => {
  const { ledger, shown } = t.context;
  const trade = await twoSides(t.context);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ledger.settleTrade(trade)));
  for (const answer of answers) t.deepEqual(answer, answers[0]);
  t.is(answers[0]?.buyerEntryId, `${trade.tradeId.slice(0, -1)}1`);
  t.is(await shown(trade.buyerUserId, 'BTC'), '0.999/0');
  t.is(await shown(trade.buyerUserId, 'USDT'), '10000/0');
  t.is(await shown(trade.sellerUserId, 'USDT'), '49950/0');
  t.is(await outcomeOf(ledger.settleTrade({ ...trade, price: '49999' })), 'IDEMPOTENCY_CONFLICT');
});

test.serial('settle trade: too little reserved or bad figures, refused and nothing moves', async (t) => {
  const { ledger, newId, transfers } = t.context;
  const trade = await twoSides(t.context);
  const before = await transfers();
  const cases: readonly (readonly [Partial<ExternalTrade>, string])[] = [
    [{ price: '50001' }, 'TRANSFER_REFUSED'],
    [{ quantity: '1.5' }, 'TRANSFER_REFUSED'],
    [{ buyerOrderId: newId() }, 'TRANSFER_REFUSED'],
    [{ buyerFeeAsset: 'USDT' }, 'INVALID_REQUEST'],
    [{ buyerFee: '1.1' }, 'INVALID_REQUEST'],
    [{ price: '0.0000001' }, 'INVALID_REQUEST'],
    [{ sellerUserId: trade.buyerUserId }, 'INVALID_REQUEST'],
  ];
  for (const [change, code] of cases) {
    t.is(await outcomeOf(ledger.settleTrade({ ...trade, ...change })), code, JSON.stringify(change));
  }
  t.is(await transfers(), before);
  t.is(await outcomeOf(ledger.settleTrade(trade)), 'done');
});

test.serial(
  'settle trade: a trade of our own matcher, never posted by this door and never with other figures',
  async (t) => {
    const { ledger, now, committed, transfers } = t.context;
    const trade = await twoSides(t.context);
    const before = await transfers();
    committed.push({
      ...trade,
      buyerOrderId: trade.tradeId,
      sellerOrderId: trade.tradeId,
      buyerReservationId: trade.tradeId,
      sellerReservationId: trade.tradeId,
      symbol: 'BTC/USDT',
      tradeSeq: 1,
      baseAmount: '1',
      quoteAmount: '50000',
      buyerRelease: '0',
      executedAt: now(),
    });
    t.is(await outcomeOf(ledger.settleTrade({ ...trade, price: '50001' })), 'TRADE_MISMATCH');
    t.is(await outcomeOf(ledger.settleTrade(trade)), 'UNAVAILABLE');
    t.is(await transfers(), before);
    committed.length = 0;
  },
);

test.serial('statement: pages of a user, newest first with the balance after each', async (t) => {
  const { ledger, newId, userWith } = t.context;
  const user = await userWith({ USDT: '100' });
  for (const amount of ['1', '2', '3']) await ledger.external.reserve(request(user, newId(), amount));
  const rows: string[] = [];
  let before: string | undefined;
  for (let pages = 0; pages < 10; pages += 1) {
    const page = await ledger.wallets.entries(user, { asset: 'USDT', before, limit: 3 });
    rows.push(...page.entries.map((entry) => `${entry.account} ${entry.amount} ${entry.balanceAfter}`));
    before = page.next;
    if (before === undefined) break;
  }
  t.deepEqual(rows, [
    'available -3 94',
    'reserved 3 6',
    'available -2 97',
    'reserved 2 3',
    'available -1 99',
    'reserved 1 1',
    'available 100 100',
  ]);
});
