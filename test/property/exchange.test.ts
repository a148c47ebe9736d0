import test from 'ava';
import fc from 'fast-check';
import { DomainError } from '../../domain/errors.ts';
import { type Atoms, formatDecimal, parseDecimal } from '../../domain/money.ts';
import { addWithdrawal } from '../../storage/payments/withdrawals.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { addSettledWithdrawal, bookDeposit } from '../_support/crossings.ts';
import { createExchangeKit, type ExchangeKit, symbol } from './exchange-kit.ts';

/** For a longer run, and other stories: see CONTRIBUTING.md. In the two of seed 2 everything happens at least once. */
const storyCount = Number(process.env['EXCHANGE_STORIES'] ?? 2);
const seed = Number(process.env['EXCHANGE_SEED'] ?? 2);

const scales = { BTC: 8, USDT: 6 } as const;
type Asset = keyof typeof scales;

const actor = fc.nat({ max: 2 });
/** Ids are few, so that repeats and clashes are common. */
const slot = fc.nat({ max: 2 });
const asset = fc.constantFrom<Asset>('BTC', 'USDT');
const some = fc.integer({ min: 1, max: 900 }).map((thousandths) => formatDecimal(BigInt(thousandths), 3));
const little = fc.constantFrom('0.001', '0.02', '0.05');
const price = fc.integer({ min: -4, max: 4 }).map((steps) => (50_000 + steps * 0.37).toFixed(2));

/** Some debits are beyond what anybody has. */
const correction = fc.oneof(
  some.map((amount) => ({ direction: 'CREDIT' as const, amount })),
  fc.oneof(some, fc.constant('50000')).map((amount) => ({ direction: 'DEBIT' as const, amount })),
);

const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deposit' as const), actor, asset, amount: some }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reserve' as const), actor, asset, amount: some, slot }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('release' as const), slot, part: fc.option(some, { freq: 2 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('trade' as const), buyer: actor, seller: actor, amount: little, slot }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      actor,
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      orderType: fc.constantFrom('LIMIT' as const, 'LIMIT' as const, 'LIMIT' as const, 'MARKET' as const),
      quantity: fc.integer({ min: 1, max: 3_333 }).map((lots) => formatDecimal(BigInt(lots), 4)),
      price,
      // What becomes of its trades: settled at once, or parked and then retried or taken back.
      end: fc.constantFrom('settled' as const, 'settled' as const, 'retried' as const, 'busted' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat({ max: 9 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('withdraw' as const),
      actor,
      asset,
      amount: some,
      end: fc.constantFrom('paid' as const, 'rejected' as const, 'waits' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('adjust' as const), actor, asset, correction }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Of<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** A story as it goes on: who takes part, what was placed, and what came in from the outside less what left. */
interface Story {
  readonly kit: ExchangeKit;
  readonly users: readonly string[];
  readonly ids: readonly string[];
  readonly orders: { readonly userId: string; readonly orderId: string }[];
  readonly reserves: Map<number, { readonly userId: string; readonly asset: Asset; readonly amount: string }>;
  readonly outside: Record<Asset, Atoms>;
}

async function begin(kit: ExchangeKit): Promise<Story> {
  const { newId } = kit.exchange;
  const { readyUsers } = kit.exchange.identity;
  const users: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    users.push((await readyUsers.create({ kycVerified: true }, { traceId: '0'.repeat(32) })).user.userId);
  }
  const ids = Array.from({ length: 6 }, newId);
  const story = { kit, users, ids, orders: [], reserves: new Map(), outside: { BTC: 0n, USDT: 0n } };
  for (const at of users.keys()) {
    await deposit(story, { kind: 'deposit', actor: at, asset: 'BTC', amount: '1' });
    await deposit(story, { kind: 'deposit', actor: at, asset: 'USDT', amount: '40000' });
    // What trades of other services draw on.
    const wanted = { userId: users[at]!, amount: '0.1', reason: 'TEST' };
    await kit.exchange.ledger.external.reserve({ ...wanted, asset: 'BTC', orderId: newId() });
    await kit.exchange.ledger.external.reserve({ ...wanted, asset: 'USDT', orderId: newId() });
  }
  return story;
}

async function deposit({ kit, users, outside }: Story, { actor: at, asset: into, amount }: Of<'deposit'>) {
  const deposited = { id: kit.exchange.newId(), userId: users[at]!, asset: into, amount };
  await bookDeposit(kit.db, deposited, new Date());
  outside[into] += parseDecimal(amount, scales[into]);
}

async function order(story: Story, given: Of<'order'>): Promise<void> {
  const { users, orders, kit } = story;
  const { exchange, settle, parked, bust } = kit;
  const { side, orderType, quantity, end } = given;
  const customer = { userId: users[given.actor]!, kycStatus: 'verified' } as const;
  const request = { symbol, side, orderType, quantity, ...(orderType === 'LIMIT' && { price: given.price }) };
  const { orderId } = await exchange.trading.placing.place(customer, request, undefined, 'result');
  orders.push({ userId: customer.userId, orderId });
  await settle(end !== 'settled');
  const waiting = await parked();
  if (waiting.length > 0) await check(story);
  for (const tradeId of waiting) {
    if (end === 'busted') await bust(tradeId);
    else await exchange.settlementExceptions.retry(tradeId);
  }
}

async function withdraw({ kit, users, outside }: Story, { actor: at, asset: of, amount, end }: Of<'withdraw'>) {
  const { ledger, newId } = kit.exchange;
  const reservationId = newId();
  const fee = 1n;
  const paid = parseDecimal(amount, scales[of]) - fee;
  await kit.db.tx(async (tx) => {
    const wanted = { reservationId, userId: users[at]!, asset: of, amount, reason: 'WITHDRAWAL' };
    await ledger.funds.reserveFunds(tx, 'withdrawal', wanted);
    const row = { withdrawalId: reservationId, clientWithdrawalId: reservationId, address: 'dev1', rail: 'dev' };
    if (end === 'waits') await addWithdrawal(tx, { ...wanted, ...row, quoteValue: amount }, new Date());
    if (end === 'rejected') await ledger.funds.releaseFunds(tx, reservationId, 'WITHDRAWAL_REJECTED');
    if (end !== 'paid') return;
    const crossing = { id: reservationId, amount: formatDecimal(paid, scales[of]), rail: 'dev' };
    await addSettledWithdrawal(tx, { ...wanted, ...crossing }, new Date());
    await ledger.funds.settleWithdrawal(tx, crossing);
  });
  if (end === 'paid') outside[of] -= paid;
}

async function external(story: Story, given: Of<'reserve'> | Of<'release'> | Of<'trade'>): Promise<void> {
  const { kit, users, ids, reserves } = story;
  const { ledger, newId } = kit.exchange;
  // Those of trades are others than those of reservations.
  const id = ids[given.slot + (given.kind === 'trade' ? 3 : 0)]!;
  if (given.kind === 'reserve') {
    const wanted = { userId: users[given.actor]!, asset: given.asset, amount: given.amount };
    await ledger.external.reserve({ ...wanted, orderId: id, reason: 'TEST' });
    reserves.set(given.slot, wanted);
  } else if (given.kind === 'release') {
    const known = reserves.get(given.slot) ?? { userId: users[0]!, asset: 'BTC', amount: '1' };
    const released = { ...known, amount: given.part ?? known.amount, orderId: id, reason: 'TEST' };
    await ledger.external.release(released, given.part === null ? undefined : newId());
  } else {
    const parties = { buyerUserId: users[given.buyer]!, sellerUserId: users[given.seller]! };
    const assets = { baseAsset: 'BTC', quoteAsset: 'USDT', buyerFeeAsset: 'BTC', sellerFeeAsset: 'USDT' };
    const figures = { quantity: given.amount, price: '1.1', buyerFee: '0.00000001', sellerFee: '0.000001' };
    await ledger.settleTrade({ tradeId: id, ...parties, ...assets, ...figures });
  }
}

async function take(story: Story, given: Step): Promise<void> {
  if (given.kind === 'deposit') return deposit(story, given);
  if (given.kind === 'order') return order(story, given);
  if (given.kind === 'withdraw') return withdraw(story, given);
  if (given.kind === 'adjust') {
    return story.kit.adjust({ ...given.correction, asset: given.asset, userId: story.users[given.actor]! });
  }
  if (given.kind !== 'cancel') return external(story, given);
  const chosen = story.orders.at(-1 - given.which);
  if (chosen !== undefined) await story.kit.exchange.trading.cancelling.cancel(chosen.userId, chosen.orderId);
}

/** Everything that must hold of orders, books and ledger; and what users and the house have is what came and stayed. */
async function check({ kit: { db }, outside }: Pick<Story, 'kit' | 'outside'>): Promise<void> {
  await untilQuiet(db);
  const breaks = [...(await findBreaks(db))];
  const rows = await db.many<{ asset: Asset; held: string }>(
    `SELECT asset, trim_scale(sum(balance))::text AS held
       FROM ledger.accounts WHERE asset IN ('BTC', 'USDT') AND kind <> 'clearing' GROUP BY asset`,
  );
  for (const { asset: of, held } of rows) {
    const due = formatDecimal(outside[of], scales[of]);
    if (held !== due) breaks.push(`${of}: ${held} is held and ${due} came in`);
  }
  if (breaks.length > 0) throw new Error(breaks.join('\n'));
}

test(`exchange: ${storyCount} stories of money in, traded, taken back, corrected and out, always sound`, async (t) => {
  t.timeout(4 * 3_600_000);
  const seen: Record<string, number> = {};
  const count = (what: string) => (seen[what] = (seen[what] ?? 0) + 1);
  const story = fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 30 }), async (steps) => {
    const kit = await createExchangeKit();
    try {
      const state = await begin(kit);
      for (const given of steps) {
        const outcome = await take(state, given).then(
          () => 'done',
          (error: unknown) => {
            if (error instanceof DomainError) return error.code;
            throw error;
          },
        );
        count(outcome === 'done' ? `${given.kind} done` : outcome);
        await check(state);
      }
      const counts = await kit.db.one<Record<string, number>>(
        `SELECT (SELECT count(*)::int FROM trading.trades) AS fill,
                (SELECT count(*)::int FROM trading.busted_trades) AS bust,
                (SELECT count(*)::int FROM ledger.adjustments WHERE state = 'POSTED') AS posted,
                (SELECT count(*)::int FROM ledger.adjustments WHERE state = 'REFUSED') AS refused`,
      );
      for (const [what, times] of Object.entries(counts)) seen[what] = (seen[what] ?? 0) + times;
    } finally {
      await kit.close();
    }
  });
  await fc.assert(story, { numRuns: storyCount, seed });
  t.log(JSON.stringify(seen));
  const kinds = ['deposit', 'reserve', 'release', 'trade', 'order', 'cancel', 'withdraw', 'adjust'].map(
    (kind) => `${kind} done`,
  );
  for (const what of [...kinds, 'fill', 'bust', 'posted', 'refused', 'INSUFFICIENT_FUNDS'])
    t.true((seen[what] ?? 0) > 0, what);
});

test('exchange check: money that came from nowhere, is found', async (t) => {
  const kit = await createExchangeKit();
  t.teardown(() => kit.close());
  const state = await begin(kit);
  await t.notThrowsAsync(check(state));
  state.outside.BTC -= 1n;
  await t.throwsAsync(check(state), { message: 'BTC: 3 is held and 2.99999999 came in' });
});
