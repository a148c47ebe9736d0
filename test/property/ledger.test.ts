import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { DomainError } from '../../domain/errors.ts';
import { createLedgerKit, type LedgerKit } from '../integration/ledger/kit.ts';

const test = anyTest as TestFn<LedgerKit>;

test.before(async (t) => {
  t.context = await createLedgerKit();
});
test.after.always((t) => t.context.close());

const actor = fc.nat({ max: 2 });
const amount = fc.integer({ min: 1, max: 200 }).map((tenths) => (tenths / 10).toFixed(1));
const asset = fc.constantFrom('BTC', 'USDT');
/** Ids are few, so that repeats and clashes are common. */
const slot = fc.nat({ max: 7 });

const step = fc.oneof(
  fc.record({ kind: fc.constant('deposit' as const), actor, asset, amount }),
  fc.record({ kind: fc.constant('reserve' as const), actor, asset, amount, slot }),
  fc.record({ kind: fc.constant('release' as const), actor, asset, amount, slot, part: fc.boolean() }),
  fc.record({ kind: fc.constant('trade' as const), buyer: actor, seller: actor, amount, price: amount, slot }),
  fc.record({ kind: fc.constant('withdraw' as const), actor, asset, amount, fee: fc.boolean() }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does one step; a refusal is an outcome like any other. */
async function take(kit: LedgerKit, users: readonly string[], ids: readonly string[], given: Step): Promise<void> {
  const { db, ledger, newId } = kit;
  const user = (index: number): string => users[index]!;
  switch (given.kind) {
    case 'deposit':
      return ledger.funds.creditDeposit(
        db,
        { id: newId(), amount: given.amount, rail: 'test' },
        { userId: user(given.actor), asset: given.asset },
      );
    case 'reserve':
    case 'release': {
      const { asset: held, amount: much, slot: index } = given;
      const request = { userId: user(given.actor), asset: held, amount: much, orderId: ids[index]!, reason: 'TEST' };
      if (given.kind === 'reserve') await ledger.external.reserve(request);
      else await ledger.external.release(request, given.part ? newId() : undefined);
      return;
    }
    case 'trade':
      await ledger.settleTrade({
        tradeId: ids[given.slot]!,
        buyerUserId: user(given.buyer),
        sellerUserId: user(given.seller),
        baseAsset: 'BTC',
        quoteAsset: 'USDT',
        quantity: given.amount,
        price: given.price,
        buyerFee: '0.001',
        sellerFee: '0.01',
        buyerFeeAsset: 'BTC',
        sellerFeeAsset: 'USDT',
      });
      return;
    case 'withdraw': {
      // In two commits, as a withdrawal is: in one, it would lock accounts in another order than a deposit does.
      const reservationId = newId();
      const wanted = { reservationId, userId: user(given.actor), asset: given.asset, amount: given.amount };
      await db.tx((tx) => ledger.funds.reserveFunds(tx, 'withdrawal', { ...wanted, reason: 'WITHDRAWAL' }));
      const paid = given.fee ? (Number(given.amount) / 2).toFixed(2) : given.amount;
      return db.tx((tx) => ledger.funds.settleWithdrawal(tx, { id: reservationId, amount: paid, rail: 'test' }));
    }
  }
}

test('ledger: any sequence of steps, some at once, the books are sound after each', async (t) => {
  t.timeout(110_000);
  let done = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), async (rounds) => {
      const { newId, reconcile } = t.context;
      const users = [newId(), newId(), newId()];
      const ids = Array.from({ length: 8 }, newId);
      for (const round of rounds) {
        // Each round's steps run at once.
        const outcomes = await Promise.allSettled(round.map((given) => take(t.context, users, ids, given)));
        for (const outcome of outcomes) {
          if (outcome.status === 'fulfilled') done += 1;
          else if (outcome.reason instanceof DomainError) refused += 1;
          else throw outcome.reason;
        }
        const { breaks } = await reconcile();
        if (breaks.length > 0) throw new Error(JSON.stringify(breaks));
      }
    }),
    { numRuns: 40 },
  );
  t.true(done > 50 && refused > 50, `${done} done, ${refused} refused`);
});
