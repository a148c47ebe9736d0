import { randomUUID } from 'node:crypto';
import test from 'ava';
import { legId, legs } from '../../../domain/ledger/ledger.ts';
import { postAdjustment } from '../../../storage/ledger/adjustments.ts';
import { origin } from '../identity/kit.ts';
import { createAdjustmentKit, hour, wanted } from './adjustment-kit.ts';
import { outcomeOf } from './kit.ts';

const kit = await createAdjustmentKit();
const { adjustments, db, newId, asked, decideOn, stateOf } = kit;
const { steps } = adjustments;
test.after.always(() => kit.close());
test.afterEach('the books are sound', async (t) => {
  t.deepEqual(await kit.breaks(), []);
});

test.serial('decide: a credit approved by two officers, posted once, told and on record', async (t) => {
  const before = await kit.suspense();
  const { adjustmentId, userId } = await asked({ amount: '7.25' });
  const [one, two] = [await kit.officer(), await kit.officer()];
  t.is((await decideOn(adjustmentId, one)).message, 'Recorded: 1 of 2 approvals.');
  t.is(await kit.shown(userId), '100/0');
  t.is((await decideOn(adjustmentId, two)).message, 'Recorded: it is posted.');
  t.is(await kit.shown(userId), '107.25/0');
  t.is((await kit.suspense()) - before, -7.25);
  t.deepEqual(await kit.posted(adjustmentId), [
    {
      transfer_id: legId(adjustmentId, legs.adjustment),
      kind: 'ADJUSTMENT',
      reason: 'ADJUSTMENT',
      amount: '7.25',
    },
  ]);
  t.like(await adjustments.get(adjustmentId), { state: 'POSTED', endedReason: undefined });
  t.deepEqual(await kit.told(adjustmentId), [
    'start',
    'balance.adjusted',
    'wallet.adjustment.posted',
    'wallet.balances.changed',
  ]);
  t.deepEqual(await kit.audited(adjustmentId), [
    'user adjustment.request',
    'officer adjustment.decide',
    'officer adjustment.decide',
    'officer adjustment.posted',
  ]);
  kit.advance(60_000);
  t.is(await outcomeOf(decideOn(adjustmentId, await kit.officer())), 'DECISION_CLOSED');
});

test.serial('decide: a debit approved by two officers, taken and held in suspense', async (t) => {
  const before = await kit.suspense();
  const { adjustmentId, userId } = await asked({ direction: 'DEBIT', amount: '100' });
  await decideOn(adjustmentId, await kit.officer());
  await decideOn(adjustmentId, await kit.officer());
  t.is(await kit.shown(userId), '0/0');
  t.is((await kit.suspense()) - before, 100);
});

test.serial('decide: a credit in an asset the customer never had, gives her that account', async (t) => {
  const { adjustmentId, userId } = await asked({ asset: 'BTC', amount: '0.5' });
  await decideOn(adjustmentId, await kit.officer());
  await decideOn(adjustmentId, await kit.officer());
  t.is(await kit.shown(userId, 'BTC'), '0.5/0');
});

for (const [what, asset, amount] of [
  ['beyond her balance', 'USDT', '100.000001'],
  ['in an asset she never had', 'BTC', '1'],
] as const) {
  test.serial(`decide: a debit ${what}, is refused with its reason and nothing moves`, async (t) => {
    const { adjustmentId, userId } = await asked({ direction: 'DEBIT', asset, amount });
    await decideOn(adjustmentId, await kit.officer());
    const { message } = await decideOn(adjustmentId, await kit.officer());
    t.regex(message, /it is refused, as the available balance is too small/);
    t.like(await steps.describe(adjustmentId), {
      state: 'REFUSED',
      endedReason: 'the available balance is too small',
      decisions: { length: 2 },
    });
    t.is(await kit.shown(userId), '100/0');
    t.is(await kit.shown(userId, 'BTC'), 'none');
    t.deepEqual(await kit.posted(adjustmentId), []);
    t.deepEqual(await kit.told(adjustmentId), ['start']);
    t.is((await kit.audited(adjustmentId)).at(-1), 'officer adjustment.refused');
  });
}

test.serial('decide: funds that orders or withdrawals hold, are not taken', async (t) => {
  const caller = await kit.rich({ USDT: '100' });
  await kit.request(caller, '60');
  const request = wanted(caller.userId, { direction: 'DEBIT', amount: '41' });
  const { adjustmentId } = await adjustments.request(await kit.staff(), request, origin);
  await decideOn(adjustmentId, await kit.officer());
  await decideOn(adjustmentId, await kit.officer());
  t.is(await stateOf(adjustmentId), 'REFUSED');
  t.is(await kit.shown(caller.userId), '40/60');
});

test.serial(
  'decide: by the officer who requested it, refused with a fresh code too, and she counts for none',
  async (t) => {
    const requester = await kit.staff('compliance');
    const { adjustmentId, userId } = await asked({}, requester);
    for (const outcome of ['approve', 'reject'] as const) {
      const refused = await t.throwsAsync(decideOn(adjustmentId, requester, outcome), { code: 'OFFICER_NOT_PROVEN' });
      t.regex(refused.message, /you requested it\. Other officers have to decide/);
      kit.advance(31_000);
    }
    const officer = await kit.officer();
    await decideOn(adjustmentId, officer);
    t.is(await outcomeOf(decideOn(adjustmentId, requester)), 'OFFICER_NOT_PROVEN');
    t.like(await steps.describe(adjustmentId), { state: 'REVIEW', decisions: { length: 1 } });
    t.is(await kit.shown(userId), '100/0');
    await decideOn(adjustmentId, await kit.officer());
    t.is(await stateOf(adjustmentId), 'POSTED');
  },
);

test.serial('decide: one officer twice, counts once; the same update again, the first answer', async (t) => {
  const { adjustmentId, userId } = await asked();
  const [one, two] = [await kit.officer(), await kit.officer()];
  const updateId = randomUUID();
  await decideOn(adjustmentId, one, 'approve', { updateId });
  t.is((await decideOn(adjustmentId, one, 'approve', { updateId })).message, 'Recorded: 1 of 2 approvals.');
  kit.advance(31_000);
  t.is((await decideOn(adjustmentId, one)).message, 'Recorded: 1 of 2 approvals.');
  kit.advance(31_000);
  t.is(await outcomeOf(decideOn(adjustmentId, one, 'reject')), 'DECISION_DUPLICATE');
  const last = randomUUID();
  await decideOn(adjustmentId, two, 'approve', { updateId: last });
  t.is((await decideOn(adjustmentId, two, 'approve', { updateId: last })).message, 'Recorded: it is posted.');
  t.is(await kit.shown(userId), '105/0');
});

test.serial('decide: five officers at once, posted once', async (t) => {
  const { adjustmentId, userId } = await asked();
  const officers = await Promise.all(Array.from({ length: 5 }, () => kit.officer()));
  const outcomes = await Promise.all(officers.map((officer) => outcomeOf(decideOn(adjustmentId, officer))));
  t.deepEqual(outcomes.toSorted(), ['DECISION_CLOSED', 'DECISION_CLOSED', 'DECISION_CLOSED', 'done', 'done']);
  t.is(await kit.shown(userId), '105/0');
  t.is((await kit.posted(adjustmentId)).length, 1);
});

test.serial('decide: an administrator, another revision, outcome, workflow or adjustment, each refused', async (t) => {
  const { adjustmentId, userId } = await asked();
  const [admin, officer] = [await kit.staff(), await kit.officer()];
  const workflowId = 'mine';
  t.is(await outcomeOf(decideOn(adjustmentId, admin)), 'OFFICER_NOT_PROVEN');
  t.is(await outcomeOf(decideOn(adjustmentId, officer, 'approve', { revision: '0'.repeat(12) })), 'CASE_CHANGED');
  t.is(await outcomeOf(decideOn(adjustmentId, officer, 'more_info')), 'INVALID_DECISION');
  t.is(await outcomeOf(decideOn(adjustmentId, officer, 'approve', { workflowId })), 'ADJUSTMENT_NOT_FOUND');
  t.is(await outcomeOf(decideOn(newId(), officer)), 'ADJUSTMENT_NOT_FOUND');
  t.like(await steps.describe(adjustmentId), { state: 'REVIEW', decisions: { length: 0 } });
  t.is(await kit.shown(userId), '100/0');
});

test.serial('decide: facts changed by hand after the first approval, which counts no more', async (t) => {
  const { adjustmentId } = await asked();
  await decideOn(adjustmentId, await kit.officer());
  await db.none('UPDATE ledger.adjustments SET amount = 6 WHERE adjustment_id = $1', [adjustmentId]);
  t.is((await decideOn(adjustmentId, await kit.officer())).message, 'Recorded: 1 of 2 approvals.');
  t.is(await stateOf(adjustmentId), 'REVIEW');
});

test.serial('decide: rejected by the second officer, ends and nothing moves', async (t) => {
  const { adjustmentId, userId } = await asked();
  await decideOn(adjustmentId, await kit.officer());
  t.is((await decideOn(adjustmentId, await kit.officer(), 'reject')).message, 'Recorded: it is rejected.');
  t.like(await adjustments.get(adjustmentId), { state: 'REJECTED', endedReason: 'rejected by an officer' });
  t.is(await outcomeOf(decideOn(adjustmentId, await kit.officer())), 'DECISION_CLOSED');
  t.is(await kit.shown(userId), '100/0');
  t.deepEqual(await kit.posted(adjustmentId), []);
  t.is((await kit.audited(adjustmentId)).at(-1), 'officer adjustment.rejected');
});

test.serial(
  'expire: before its time nothing, then it ends, is not found any more and is decided no more',
  async (t) => {
    const { adjustmentId, userId } = await asked();
    await decideOn(adjustmentId, await kit.officer());
    kit.advance(48 * hour - 1_000);
    await steps.expire(adjustmentId);
    t.is(await stateOf(adjustmentId), 'REVIEW');
    kit.advance(1_000);
    await steps.expire(adjustmentId);
    await steps.expire(newId());
    t.like(await adjustments.get(adjustmentId), { state: 'EXPIRED', endedReason: 'nobody approved it in time' });
    t.is((await kit.audited(adjustmentId)).at(-1), 'system adjustment.expired');
    t.is(await outcomeOf(decideOn(adjustmentId, await kit.officer())), 'DECISION_CLOSED');
    t.is(await kit.shown(userId), '100/0');
    const page = { after: undefined, createdBefore: kit.now(), limit: 1_000 };
    t.false((await steps.findUnfinished(page)).some(({ input }) => input === adjustmentId));
  },
);

test.serial('desk: while it waits there is a mail to officers, after its end there is none', async (t) => {
  const { adjustmentId } = await asked();
  t.like(await steps.deskMail(adjustmentId, 'overdue'), {
    to: 'desk@exchange.test',
    subject: `Overdue: adjustment:${adjustmentId}`,
  });
  await decideOn(adjustmentId, await kit.officer(), 'reject');
  t.is(await steps.deskMail(adjustmentId, 'reminder'), undefined);
  t.is(await steps.deskMail(newId(), 'reminder'), undefined);
  t.is(await steps.describe(newId()), undefined);
});

test.serial(
  'posting: of an adjustment that is in the books, breaks the rule that a transfer is there once',
  async (t) => {
    const { adjustmentId, userId } = await asked();
    await decideOn(adjustmentId, await kit.officer());
    await decideOn(adjustmentId, await kit.officer());
    const found = await adjustments.get(adjustmentId);
    await t.throwsAsync(postAdjustment(db, found, kit.now()), { message: /transfers_\w*pkey/ });
    t.is(await kit.shown(userId), '105/0');
  },
);
