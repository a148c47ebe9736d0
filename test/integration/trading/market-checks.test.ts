import anyTest, { type TestFn } from 'ava';
import { addMarkets } from '../../../storage/trading/markets.ts';
import { badTerms, goodTerms } from '../../domain/trading/bad-terms.ts';
import { createKit, type Kit } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

test.serial('market checks: whatever the rules refuse, the table refuses as well', async (t) => {
  const { db } = t.context;
  await db.none('DELETE FROM trading.market_state; DELETE FROM trading.markets');
  for (const [what, change] of badTerms) {
    const error: Error & { code?: string } = await t.throwsAsync(
      addMarkets(db, [{ ...goodTerms, ...change }], new Date()),
      undefined,
      what,
    );
    // A check, a foreign key, a number out of range, or a division by it.
    t.regex(String(error.code), /^(23514|22003|22012)$/, what);
  }
  t.deepEqual(await addMarkets(db, [goodTerms], new Date()), ['BTC/USDT']);
});
