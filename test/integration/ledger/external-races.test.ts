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

type Ask = () => Promise<unknown>;

/** The calls of a story, each `copies` times, in an order that follows from `seed`. */
function shuffled(calls: readonly Ask[], copies: number, seed: number): readonly (readonly [Ask, number])[] {
  const all = calls.flatMap((call, index) => Array.from({ length: copies }, () => [call, index] as const));
  let state = seed;
  for (let last = all.length - 1; last > 0; last -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (last + 1);
    [all[last], all[other]] = [all[other]!, all[last]!];
  }
  return all;
}

/** What a call says as long as what it needs did not happen yet: its caller asks again. */
const tooEarly = new Set(['RESERVATION_NOT_FOUND', 'TRANSFER_REFUSED']);

/** A buyer with a limit of 51 000 and a seller, of whom nothing is reserved yet: the worked example's story. */
async function worked({ ledger, newId, userWith }: LedgerKit, rounds: number) {
  const buyer = await userWith({ USDT: String(51_000 * rounds) });
  const seller = await userWith({ BTC: String(rounds) });
  const calls: Ask[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [buyId, sellId, tradeId] = [newId(), newId(), newId()];
    const buy = { userId: buyer, asset: 'USDT', amount: '51000', orderId: buyId, reason: 'BUY_ORDER' };
    const sell = { userId: seller, asset: 'BTC', amount: '1', orderId: sellId, reason: 'SELL_ORDER' };
    const trade = { ...example, tradeId, buyerUserId: buyer, sellerUserId: seller };
    calls.push(
      () => ledger.external.reserve(buy),
      () => ledger.external.reserve(sell),
      () => ledger.settleTrade({ ...trade, buyerOrderId: buyId, sellerOrderId: sellId }),
      () => ledger.external.release({ ...buy, amount: '1000', reason: 'PRICE_IMPROVEMENT' }, 'the rest'),
    );
  }
  return { buyer, seller, calls };
}

const example = {
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  quantity: '1',
  price: '50000',
  buyerFee: '0.001',
  sellerFee: '50',
  buyerFeeAsset: 'BTC',
  sellerFeeAsset: 'USDT',
} as const;

test.serial(
  'wallet services: the worked example, each call 50 times, all at once in any order, one effect',
  async (t) => {
    const { shown, house, transfers, ledger } = t.context;
    for (const seed of [1, 2, 3]) {
      const { buyer, seller, calls } = await worked(t.context, 1);
      const before = { moved: await transfers(), base: await house('fees', 'BTC'), quote: await house('fees', 'USDT') };
      const answers = new Map<number, unknown>();
      let early = 0;
      const ask = async (call: Ask, index: number): Promise<void> => {
        const answer = await call().catch((error: unknown) => {
          if (!tooEarly.has((error as { code?: string }).code ?? '')) throw error;
          early += 1;
        });
        if (answer === undefined) return ask(call, index);
        if (!answers.has(index)) answers.set(index, answer);
        t.deepEqual(answer, answers.get(index), 'every repeat has the first answer');
      };
      await Promise.all(shuffled(calls, 50, seed).map(([call, index]) => ask(call, index)));
      t.log(`seed ${seed}: ${early} came too early and asked again`);
      // Two reservations, four legs of the trade, one release.
      t.is(await transfers(), before.moved + 7);
      t.is(await shown(buyer, 'BTC'), '0.999/0');
      t.is(await shown(buyer, 'USDT'), '1000/0');
      t.is(await shown(seller, 'USDT'), '49950/0');
      t.is(await shown(seller, 'BTC'), '0/0');
      const grown = (now: string, was: string): number => Number(now) - (was === 'none' ? 0 : Number(was));
      t.is(grown(await house('fees', 'BTC'), before.base).toFixed(3), '0.001');
      t.is(grown(await house('fees', 'USDT'), before.quote), 50);
      // A day later each still has its first answer: only refusals are forgotten.
      t.context.advance(25 * 3_600_000);
      for (const [index, call] of calls.entries()) t.deepEqual(await call(), answers.get(index));
      t.is((await ledger.wallets.balances(buyer)).length, 2);
    }
  },
);

test.serial('wallet services: 30 stories of the same two users at once, add up without a deadlock', async (t) => {
  const { shown } = t.context;
  const rounds = 30;
  const { buyer, seller, calls } = await worked(t.context, rounds);
  const ask = async (call: Ask): Promise<void> => {
    const outcome = await outcomeOf(call());
    if (tooEarly.has(outcome)) return ask(call);
    t.is(outcome, 'done');
  };
  await Promise.all(shuffled(calls, 2, 7).map(([call]) => ask(call)));
  t.is(await shown(buyer, 'BTC'), '29.97/0');
  t.is(await shown(buyer, 'USDT'), '30000/0');
  t.is(await shown(seller, 'USDT'), '1498500/0');
  t.is(await shown(seller, 'BTC'), '0/0');
});

test.serial(
  'wallet services: 200 rivals for one balance, services, orders and withdrawals, never overdraw',
  async (t) => {
    const { db, ledger, newId, now, userWith, shown } = t.context;
    const user = await userWith({ USDT: '750' });
    const asks: readonly ((id: string) => Promise<string>)[] = [
      (orderId) => {
        const wanted = { userId: user, asset: 'USDT', amount: '100', orderId, reason: 'BUY_ORDER' };
        return outcomeOf(ledger.external.reserve(wanted));
      },
      async () => {
        const [granted] = await reserve(db, 'order', [order(newId, user, 'USDT', '100')], now());
        return granted === true ? 'done' : 'INSUFFICIENT_FUNDS';
      },
      () => outcomeOf(ledger.funds.reserveFunds(db, 'withdrawal', order(newId, user, 'USDT', '100'))),
    ];
    const rivals = Array.from({ length: 200 }, (_, index) => asks[index % asks.length]!(newId()));
    const outcomes = await Promise.all(rivals);
    t.is(outcomes.filter((outcome) => outcome === 'done').length, 7);
    t.is(outcomes.filter((outcome) => outcome === 'INSUFFICIENT_FUNDS').length, 193);
    t.is(await shown(user, 'USDT'), '50/700');
  },
);

test.serial(
  'wallet services: 200 trades and releases rival for one reservation, never draw more than it holds',
  async (t) => {
    const { ledger, newId, userWith, shown } = t.context;
    const buyer = await userWith({ USDT: '700' });
    const seller = await userWith({ BTC: '200' });
    const held = { userId: buyer, asset: 'USDT', amount: '700', orderId: newId(), reason: 'BUY_ORDER' };
    await ledger.external.reserve(held);
    await ledger.external.reserve({ ...held, userId: seller, asset: 'BTC', amount: '200', orderId: newId() });
    const trade: Omit<ExternalTrade, 'tradeId'> = {
      ...example,
      buyerUserId: buyer,
      sellerUserId: seller,
      price: '100',
      buyerFee: '0',
      sellerFee: '0',
    };
    const rivals = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0
        ? outcomeOf(ledger.settleTrade({ ...trade, tradeId: newId() }))
        : outcomeOf(ledger.external.release({ ...held, amount: '100' }, `part ${index}`)),
    );
    const outcomes = await Promise.all(rivals);
    t.is(outcomes.filter((outcome) => outcome === 'done').length, 7);
    const refused = new Set(outcomes.filter((outcome) => outcome !== 'done'));
    t.deepEqual([...refused].sort(), ['RELEASE_EXCEEDS_RESERVATION', 'TRANSFER_REFUSED']);
    const settled = outcomes.filter((outcome, index) => outcome === 'done' && index % 2 === 0).length;
    t.is(await shown(buyer, 'USDT'), `${(7 - settled) * 100}/0`);
    t.is(await shown(seller, 'BTC'), `0/${200 - settled}`);
  },
);
