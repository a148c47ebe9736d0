import test from 'ava';
import { processId } from '../../../domain/processes.ts';
import { createLedgerService } from '../../../services/ledger/ledger.ts';
import { origin } from '../identity/kit.ts';
import { createAdjustmentKit, wanted } from './adjustment-kit.ts';
import { outcomeOf } from './kit.ts';

const kit = await createAdjustmentKit();
const { adjustments, db, newId, asked, decideOn } = kit;
const { steps } = adjustments;
test.after.always(() => kit.close());
test.afterEach('the books are sound', async (t) => {
  t.deepEqual(await kit.breaks(), []);
});

test.serial('request: by staff, noted with its workflow to start, and nothing moves', async (t) => {
  const admin = await kit.staff();
  const { userId } = await kit.rich({ USDT: '100' });
  const placed = await adjustments.request(admin, wanted(userId, { amount: '5.50' }), origin);
  const { adjustmentId } = placed;
  t.like(placed, { state: 'REVIEW', amount: '5.5', requestedBy: admin.userId, reference: 'ticket 77' });
  t.is(await kit.shown(userId), '100/0');
  t.deepEqual(await kit.posted(adjustmentId), []);
  t.deepEqual(await kit.told(adjustmentId), ['start']);
  t.deepEqual(await kit.audited(adjustmentId), ['user adjustment.request']);
  const page = { after: undefined, createdBefore: new Date(kit.now().getTime() + 1), limit: 100 };
  t.deepEqual((await steps.findUnfinished(page)).at(-1), {
    workflow: 'adjustment',
    workflowId: processId('adjustment', adjustmentId),
    queue: 'operations',
    input: adjustmentId,
  });
});

test.serial('request: fifty equal ones at once, one adjustment; other content, IDEMPOTENCY_CONFLICT', async (t) => {
  const admin = await kit.staff();
  const { userId } = await kit.rich({ USDT: '100' });
  const request = wanted(userId);
  const placed = await Promise.all(Array.from({ length: 50 }, () => adjustments.request(admin, request, origin)));
  t.is(new Set(placed.map(({ adjustmentId }) => adjustmentId)).size, 1);
  const { adjustmentId } = placed[0]!;
  t.deepEqual(await kit.told(adjustmentId), ['start']);
  t.like(await adjustments.request(admin, { ...request, amount: '5.00' }, origin), { adjustmentId });
  const stale = { ...admin, lastFactorAt: undefined };
  t.like(await adjustments.request(stale, request, origin), { adjustmentId }, 'asked again, an older factor does');
  for (const other of [
    { amount: '6' },
    { asset: 'BTC' },
    { direction: 'DEBIT' as const },
    { reason: 'another reason' },
    { reference: undefined },
    { userId: (await kit.rich({})).userId },
  ]) {
    const again = adjustments.request(admin, { ...request, ...other }, origin);
    t.is(await outcomeOf(again), 'IDEMPOTENCY_CONFLICT', JSON.stringify(other));
  }
  const colleague = await adjustments.request(await kit.staff(), request, origin);
  t.not(colleague.adjustmentId, adjustmentId, 'the id is one among those of its requester');
});

test.serial('request: no staff, no factor, a bad amount, nobody or no customer, each refused', async (t) => {
  const admin = await kit.staff();
  const customer = await kit.rich({ USDT: '100' });
  const { userId } = customer;
  const outcome = (by: typeof customer, other: object = {}) =>
    outcomeOf(adjustments.request(by, wanted(userId, other), origin));
  t.is(await outcome(customer), 'FORBIDDEN');
  t.is(await outcome({ ...admin, role: 'service' }), 'FORBIDDEN');
  t.is(await outcome({ ...admin, lastFactorAt: undefined }), 'SECOND_FACTOR_REQUIRED');
  const sixMinutesAgo = new Date(kit.now().getTime() - 360_000);
  t.is(await outcome({ ...admin, lastFactorAt: sixMinutesAgo }), 'SECOND_FACTOR_REQUIRED');
  for (const amount of ['0', '-1', '1e3', '0.0000001', `1${'0'.repeat(20)}`]) {
    t.is(await outcome(admin, { amount }), 'INVALID_REQUEST', amount);
  }
  t.is(await outcome(admin, { asset: 'DOGE' }), 'INVALID_REQUEST');
  t.is(await outcome(admin, { userId: newId() }), 'NOT_FOUND');
  for (const nobody of [admin, await kit.staff('compliance'), await kit.staff('service')]) {
    t.is(await outcome(admin, { userId: nobody.userId }), 'ADJUSTMENT_NOT_POSSIBLE', nobody.role);
  }
  t.is(await outcome(admin, { amount: '9'.repeat(20) }), 'done', 'the most there is');
});

test.serial('list: by state and page by page, newest first', async (t) => {
  const made = [await asked(), await asked(), await asked()].map(({ adjustmentId }) => adjustmentId);
  await decideOn(made[1]!, await kit.officer(), 'reject');
  const ids = async (page: object) =>
    (await adjustments.list({ state: undefined, before: undefined, limit: 2, ...page })).map(
      (each) => each.adjustmentId,
    );
  t.deepEqual(await ids({}), [made[2], made[1]]);
  t.deepEqual(await ids({ before: made[1], limit: 1 }), [made[0]]);
  t.deepEqual(await ids({ state: 'REVIEW' }), [made[2], made[0]]);
  t.deepEqual(await ids({ state: 'REJECTED', limit: 1 }), [made[1]]);
  t.is(await outcomeOf(adjustments.get(newId())), 'ADJUSTMENT_NOT_FOUND');
});

test.serial('statement: a credit and a debit, stand there with their running balance', async (t) => {
  const { userId } = await kit.rich({ USDT: '100' });
  for (const other of [{ amount: '7' }, { direction: 'DEBIT' as const, amount: '10' }]) {
    const { adjustmentId } = await adjustments.request(await kit.staff(), wanted(userId, other), origin);
    await decideOn(adjustmentId, await kit.officer());
    await decideOn(adjustmentId, await kit.officer());
  }
  const ledger = createLedgerService({ db, clock: kit.now, newId, findTrade: async () => undefined });
  const { entries } = await ledger.wallets.entries(userId, { asset: 'USDT', before: undefined, limit: 10 });
  t.deepEqual(
    entries.map((each) => [each.kind, each.account, each.counterAccount, each.amount, each.balanceAfter].join(' ')),
    [
      'ADJUSTMENT available suspense -10 97',
      'ADJUSTMENT available suspense 7 107',
      'DEPOSIT available clearing 100 100',
    ],
  );
});
