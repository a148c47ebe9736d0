import anyTest, { type TestFn } from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import { createDepositService, type DepositService } from '../../../services/payments/deposits.ts';
import { insertUser } from '../../../storage/identity/users.ts';
import { createLedgerKit, type LedgerKit } from '../ledger/kit.ts';

interface Context extends LedgerKit {
  readonly deposits: DepositService;
  readonly account: () => Promise<string>;
}

const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const kit = await createLedgerKit();
  const { db, newId, now, ledger } = kit;
  const { assets, funds } = ledger;
  const deposits = createDepositService({ db, clock: now, newId, assets, funds, kickOutbox: () => undefined });
  const account = async () => {
    const userId = newId();
    const email = `${userId}@example.com`;
    const at = now();
    await insertUser(db, {
      userId,
      email,
      emailNormalised: email,
      passwordHash: '-',
      role: 'user',
      verifiedAt: at,
      createdAt: at,
    });
    return userId;
  };
  t.context = { ...kit, deposits, account };
});
test.after.always((t) => t.context.close());
test.afterEach('the books are sound', async (t) => {
  t.deepEqual((await t.context.reconcile()).breaks, []);
});

const codeOf = (error: unknown): string => (error instanceof DomainError ? error.code : String(error));
const reported = (userId: string, reference: string, amount = '12.50') => ({
  rail: 'dev',
  reference,
  userId,
  asset: 'USDT',
  amount,
});

test.serial('deposit: reported 50 times and credited 50 times at once, one credit', async (t) => {
  const { deposits, account, shown, house, db } = t.context;
  const userId = await account();
  const answers = await Promise.all(Array.from({ length: 50 }, () => deposits.report(reported(userId, 'tx-1'))));
  t.is(new Set(answers.map(({ depositId }) => depositId)).size, 1);
  const { depositId } = answers[0]!;
  const starts = await db.many<{ payload: { workflowId: string } }>(
    "SELECT payload FROM outbox.entries WHERE kind = 'start'",
  );
  t.deepEqual(
    starts.map(({ payload }) => payload.workflowId),
    [`deposit:${depositId}`],
  );
  t.is(await shown(userId, 'USDT'), 'none');
  const credits = await Promise.all(Array.from({ length: 50 }, () => deposits.credit(depositId)));
  t.true(credits.every((outcome) => outcome === 'credited'));
  t.is(await shown(userId, 'USDT'), '12.5/0');
  t.is(await house('clearing', 'USDT'), '-12.5');
  t.is((await deposits.list(userId, undefined, 10))[0]?.state, 'CREDITED');
});

test.serial('deposit: its workflow started by hand for an unknown id, nothing moves', async (t) => {
  const { deposits, newId, transfers } = t.context;
  const before = await transfers();
  t.is(await deposits.credit(newId()), 'unknown');
  t.is(await transfers(), before);
});

test.serial('deposit: the same reference with other content, an unknown user or a bad amount, refused', async (t) => {
  const { deposits, account, newId } = t.context;
  const userId = await account();
  await deposits.report(reported(userId, 'tx-2'));
  const outcome = (deposit: ReturnType<typeof reported>) => deposits.report(deposit).then(() => 'done', codeOf);
  t.is(await outcome(reported(userId, 'tx-2', '12.5')), 'done');
  t.is(await outcome(reported(userId, 'tx-2', '13')), 'IDEMPOTENCY_CONFLICT');
  t.is(await outcome(reported(await account(), 'tx-2')), 'IDEMPOTENCY_CONFLICT');
  t.is(await outcome(reported(newId(), 'tx-3')), 'NOT_FOUND');
  t.is(await outcome(reported(userId, 'tx-3', '0')), 'INVALID_REQUEST');
  t.is(await outcome(reported(userId, 'tx-3', '0.0000001')), 'INVALID_REQUEST');
  t.is(await outcome(reported(userId, 'tx-3', `1${'0'.repeat(20)}`)), 'INVALID_REQUEST', 'more than the books hold');
  t.is(await outcome({ ...reported(userId, 'tx-3'), asset: 'DOGE' }), 'INVALID_REQUEST');
});

test.serial('deposit: not credited for a minute, the relay finds it until it is', async (t) => {
  const { deposits, account, now } = t.context;
  const { depositId } = await deposits.report(reported(await account(), 'tx-4'));
  const find = async () =>
    (await deposits.findUncredited({ after: undefined, createdBefore: new Date(now().getTime() + 1), limit: 100 })).map(
      ({ input }) => input,
    );
  t.true((await find()).includes(depositId));
  await deposits.credit(depositId);
  t.false((await find()).includes(depositId));
});
