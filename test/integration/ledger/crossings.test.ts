import anyTest, { type TestFn } from 'ava';
import { createBookCheck } from '../../../services/books.ts';
import type { Break } from '../../../services/ledger/reconcile.ts';
import type { Database, Db } from '../../../storage/db.ts';
import { addSettledWithdrawal } from '../../_support/crossings.ts';
import { createPaymentsKit, type PaymentsKit } from '../payments/kit.ts';

interface World {
  readonly kit: PaymentsKit;
  readonly userId: string;
  readonly depositId: string;
  readonly withdrawalId: string;
}

const test = anyTest as TestFn<World>;

/** Two users with deposits, of which one has withdrawn something. */
test.before(async (t) => {
  const kit = await createPaymentsKit();
  const user = await kit.rich({ USDT: '500' });
  await kit.rich({ USDT: '500', BTC: '2' });
  const { withdrawalId } = await kit.request(user, '120.5');
  await kit.confirm(user, withdrawalId);
  await kit.withdrawals.steps.keepScreening(withdrawalId, { listed: false, source: 'lists 1' });
  await kit.send(withdrawalId);
  const { depositId } = await kit.db.one<{ depositId: string }>(
    'SELECT deposit_id AS "depositId" FROM payments.deposits WHERE user_id = $1',
    [user.userId],
  );
  t.context = { kit, userId: user.userId, depositId, withdrawalId };
});
test.after.always((t) => t.context.kit.close());

/** What is found in books that `damage` was done to; it is taken back. */
async function findIn({ kit }: World, damage: (tx: Db) => Promise<unknown>): Promise<readonly Break[]> {
  const rollback = new Error('taken back');
  let found: readonly Break[] = [];
  await kit.db
    .tx(async (tx) => {
      await damage(tx);
      found = (await createBookCheck({ db: tx as unknown as Database, clock: kit.now })()).breaks;
      throw rollback;
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error;
    });
  return found;
}

const leg = (id: string, number: number): string => id.slice(0, -1) + String(number);

test.serial('crossings: deposits, a withdrawal and one on its way, nothing is found', async (t) => {
  const { kit } = t.context;
  await kit.request(await kit.rich({ USDT: '5' }), '1');
  t.deepEqual((await createBookCheck({ db: kit.db, clock: kit.now })()).breaks, []);
});

const elsewhere = '01900000-0000-7000-8000-000000000000';

for (const [what, sql, told] of [
  [
    'a deposit is not noted as credited',
    `UPDATE payments.deposits SET state = 'CONFIRMED', credited_at = NULL WHERE deposit_id = $<depositId>`,
    (w) => [
      `transfer ${leg(w.depositId, 1)} moves 500 USDT to ${w.userId} over dev ` +
        `(DEPOSIT of ${w.depositId}), which is no credited deposit and no settled withdrawal`,
    ],
  ],
  [
    'a deposit is missing',
    'DELETE FROM payments.deposits WHERE deposit_id = $<depositId>',
    (w) => [
      `transfer ${leg(w.depositId, 1)} moves 500 USDT to ${w.userId} over dev ` +
        `(DEPOSIT of ${w.depositId}), which is no credited deposit and no settled withdrawal`,
    ],
  ],
  [
    'a deposit is of another amount',
    'UPDATE payments.deposits SET amount = 499.999999 WHERE deposit_id = $<depositId>',
    (w) => [
      `deposit ${w.depositId} is of 499.999999 USDT to ${w.userId} over dev, its transfer ` +
        `moves 500 USDT to ${w.userId} over dev (DEPOSIT of ${w.depositId})`,
    ],
  ],
  [
    'a deposit is of another user',
    'UPDATE payments.deposits SET user_id = $<elsewhere> WHERE deposit_id = $<depositId>',
    (w) => [
      `deposit ${w.depositId} is of 500 USDT to ${elsewhere} over dev, its transfer ` +
        `moves 500 USDT to ${w.userId} over dev (DEPOSIT of ${w.depositId})`,
    ],
  ],
  [
    'a deposit is of another rail',
    `UPDATE payments.deposits SET rail = 'bank' WHERE deposit_id = $<depositId>`,
    (w) => [
      `deposit ${w.depositId} is of 500 USDT to ${w.userId} over bank, its transfer ` +
        `moves 500 USDT to ${w.userId} over dev (DEPOSIT of ${w.depositId})`,
    ],
  ],
  [
    'a deposit is noted and not credited',
    `INSERT INTO payments.deposits (deposit_id, rail, reference, user_id, asset, amount, state, created_at, credited_at)
     VALUES ($<elsewhere>, 'dev', 'r', $<userId>, 'BTC', 3, 'CREDITED', now(), now())`,
    (w) => [`deposit ${elsewhere} is of 3 BTC to ${w.userId} over dev, and has no transfer`],
  ],
  [
    'a user is credited for no deposit',
    `SELECT ledger.credit_deposit($<elsewhere>, $<userId>, 'USDT', 7, 'dev', now())`,
    (w) => [
      `transfer ${leg(elsewhere, 1)} moves 7 USDT to ${w.userId} over dev ` +
        `(DEPOSIT of ${elsewhere}), which is no credited deposit and no settled withdrawal`,
    ],
  ],
  [
    'a user is credited twice for a deposit, under another leg',
    `SELECT ledger.post(ARRAY[ledger.leg_id($<depositId>, 6)], ARRAY[$<depositId>::uuid], '{DEPOSIT}',
                        ARRAY[debit_account_id], ARRAY[credit_account_id], '{500}', '{DEPOSIT}', now())
       FROM ledger.transfers WHERE journal_id = $<depositId>`,
    (w) => [
      `transfer ${leg(w.depositId, 6)} moves 500 USDT to ${w.userId} over dev ` +
        `(DEPOSIT of ${w.depositId}), which is no credited deposit and no settled withdrawal`,
    ],
  ],
  [
    'money of the outside is given to a user by another kind of transfer',
    `SELECT ledger.post(ARRAY[$<elsewhere>::uuid], ARRAY[$<elsewhere>::uuid], '{ADJUSTMENT}',
                        ARRAY[debit_account_id], ARRAY[credit_account_id], '{1}', '{GIFT}', now())
       FROM ledger.transfers WHERE journal_id = $<depositId>`,
    (w) => [
      `transfer ${elsewhere} moves 1 USDT to ${w.userId} over dev ` +
        `(ADJUSTMENT of ${elsewhere}), which is no credited deposit and no settled withdrawal`,
    ],
  ],
  [
    'a deposit is credited out of the suspense account',
    `SELECT ledger.ensure_house_accounts('suspense', '{BTC}', '');
     INSERT INTO payments.deposits (deposit_id, rail, reference, user_id, asset, amount, state, created_at, credited_at)
     VALUES ($<elsewhere>, 'dev', 'r', $<userId>, 'BTC', 1, 'CREDITED', now(), now());
     SELECT ledger.ensure_accounts(ARRAY[$<userId>::uuid], '{BTC}');
     SELECT ledger.post(ARRAY[ledger.leg_id($<elsewhere>, 1)], ARRAY[$<elsewhere>::uuid], '{DEPOSIT}',
                        ARRAY[spare.account_id], ARRAY[own.account_id], '{1}', '{DEPOSIT}', now())
       FROM ledger.accounts AS spare, ledger.accounts AS own
      WHERE spare.asset = 'BTC' AND spare.kind = 'suspense'
        AND own.owner_id = $<userId> AND own.asset = 'BTC' AND own.kind = 'available'`,
    (w) => [
      `deposit ${elsewhere} is of 1 BTC to ${w.userId} over dev, its transfer ` +
        `moves 1 BTC to no user over no rail (DEPOSIT of ${elsewhere})`,
    ],
  ],
  [
    'a withdrawal is of another amount',
    'UPDATE payments.withdrawals SET amount = 1 WHERE withdrawal_id = $<withdrawalId>',
    (w) => [
      `withdrawal ${w.withdrawalId} is of 1 USDT from ${w.userId} over dev, its transfer ` +
        `moves 120.5 USDT from ${w.userId} over dev (WITHDRAWAL of ${w.withdrawalId})`,
    ],
  ],
  [
    'a withdrawal is missing',
    'DELETE FROM payments.withdrawals WHERE withdrawal_id = $<withdrawalId>',
    (w) => [
      `transfer ${leg(w.withdrawalId, 2)} moves 120.5 USDT from ${w.userId} over dev ` +
        `(WITHDRAWAL of ${w.withdrawalId}), which is no credited deposit and no settled withdrawal`,
    ],
  ],
] satisfies readonly (readonly [string, string, (world: World) => readonly string[]])[]) {
  test.serial(`crossings: ${what}, it is named with its asset`, async (t) => {
    const found = await findIn(t.context, (tx) => tx.multi(sql, { ...t.context, kit: undefined, elsewhere }));
    t.deepEqual(
      found.map(({ subject, finding }) => `${subject} ${finding}`),
      told(t.context),
    );
    for (const { check, assets } of found) {
      t.is(check, 'crossings');
      t.deepEqual(assets, [/ (USDT|BTC) /.exec(told(t.context).join())?.[1]]);
    }
  });
}

test.serial('crossings: a withdrawal is noted as settled and not posted, it is named with its asset', async (t) => {
  const { kit, userId } = t.context;
  const row = { id: elsewhere, userId, asset: 'BTC', amount: '2' };
  t.deepEqual(await findIn(t.context, (tx) => addSettledWithdrawal(tx, row, kit.now())), [
    {
      check: 'crossings',
      subject: `withdrawal ${elsewhere}`,
      assets: ['BTC'],
      finding: `is of 2 BTC from ${userId} over dev, and has no transfer`,
    },
  ]);
});
