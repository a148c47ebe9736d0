import { randomUUID } from 'node:crypto';
import test from 'ava';
import { origin } from '../identity/kit.ts';
import { createPaymentsKit } from './kit.ts';

const kit = await createPaymentsKit();
const { withdrawals, db, send, setTrouble } = kit;
const { steps } = withdrawals;
test.after.always(() => kit.close());

const clear = { listed: false, source: 'lists 1' };
const stateOf = async (id: string) => (await steps.describe(id))?.state;

/** A withdrawal that was confirmed and screened. */
async function screened(amount: string, listed = false) {
  const caller = await kit.rich({ USDT: '60000' });
  const { withdrawalId: id } = await kit.request(caller, amount);
  await kit.confirm(caller, id);
  await steps.keepScreening(id, { ...clear, listed });
  return { caller, id };
}

test.serial('request: enough funds, reserved in the same commit and its workflow is to start', async (t) => {
  const caller = await kit.rich({ USDT: '500' });
  const placed = await kit.request(caller, '200.50');
  t.like(placed, { state: 'REQUESTED', amount: '200.5', quoteValue: '200.5' });
  t.is(await kit.shown(caller.userId), '299.5/200.5');
  const [told] = await db.manyOrNone<{ payload: object }>(
    "SELECT payload FROM outbox.entries WHERE kind = 'start' AND aggregate = $1",
    [`withdrawal:${placed.withdrawalId}`],
  );
  t.like(told?.payload, { workflow: 'withdrawal', input: placed.withdrawalId });
});

test.serial('request: the same client id, the first answer; other content, IDEMPOTENCY_CONFLICT', async (t) => {
  const caller = await kit.rich({ USDT: '500' });
  const id = randomUUID();
  const first = await kit.request(caller, '100', { id });
  const again = await Promise.all(Array.from({ length: 5 }, () => kit.request(caller, '100.00', { id })));
  t.deepEqual(new Set(again.map(({ withdrawalId }) => withdrawalId)), new Set([first.withdrawalId]));
  await t.throwsAsync(kit.request(caller, '101', { id }), { code: 'IDEMPOTENCY_CONFLICT' });
  t.is(await kit.shown(caller.userId), '400/100');
});

test.serial('request: not verified, no factor, too much, too fine or an unknown asset, each refused', async (t) => {
  const caller = await kit.rich({ USDT: '500' });
  await t.throwsAsync(kit.request({ ...caller, kycStatus: 'pending' }, '1'), { code: 'KYC_REQUIRED' });
  await t.throwsAsync(kit.request({ ...caller, lastFactorAt: undefined }, '1'), { code: 'SECOND_FACTOR_REQUIRED' });
  await t.throwsAsync(kit.request(caller, '500.000001'), { code: 'INSUFFICIENT_FUNDS' });
  for (const amount of ['0', '-1', '1e3', '0.0000001', 'NaN', '']) {
    await t.throwsAsync(kit.request(caller, amount), { code: 'INVALID_REQUEST' }, amount);
  }
  t.is(await kit.shown(caller.userId), '500/0');
  t.is((await withdrawals.list(caller, undefined, 10)).length, 0);
});

test.serial('request: twenty at once for the whole balance, exactly one gets it', async (t) => {
  const caller = await kit.rich({ USDT: '100' });
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => kit.request(caller, '100')));
  t.is(asked.filter(({ status }) => status === 'fulfilled').length, 1);
  t.is(await kit.shown(caller.userId), '0/100');
});

test.serial(
  'request: many small ones at once beyond 24 h, the limit holds; a day later there is room to 30 d',
  async (t) => {
    const caller = await kit.rich({ USDT: '200000' });
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => kit.request(caller, '9000')));
    t.is(asked.filter(({ status }) => status === 'fulfilled').length, 5);
    t.is((await withdrawals.preview(caller, { asset: 'USDT', amount: '1' })).left.day, '5000');
    kit.advance(25 * 3_600_000);
    const later = { ...caller, lastFactorAt: kit.now() };
    await kit.request(later, '35000');
    await t.throwsAsync(kit.request(later, '1'), { code: 'LIMIT_EXCEEDED' });
    const huge = { asset: 'BTC', amount: '99999999999999999999', address: 'dev1destination' };
    const tooMuch = withdrawals.request(later, { ...huge, clientWithdrawalId: randomUUID() }, origin);
    await t.throwsAsync(tooMuch, { code: 'LIMIT_EXCEEDED' });
  },
);

test.serial('cancel: given back, counts for no limit, and again answers the same', async (t) => {
  const caller = await kit.rich({ USDT: '50000' });
  const { withdrawalId } = await kit.request(caller, '50000');
  await withdrawals.cancel(caller, withdrawalId, origin);
  t.like(await withdrawals.cancel(caller, withdrawalId, origin), { state: 'CANCELLED' });
  t.is(await kit.shown(caller.userId), '50000/0');
  await t.notThrowsAsync(kit.request(caller, '50000'));
  await t.throwsAsync(kit.confirm(caller, withdrawalId), { code: 'WITHDRAWAL_NOT_POSSIBLE' });
});

test.serial('confirm: a wrong token or another user, refused; the right one goes on, twice the same', async (t) => {
  const caller = await kit.rich({ USDT: '500' });
  const { withdrawalId } = await kit.request(caller, '100');
  await t.throwsAsync(withdrawals.confirm(caller, withdrawalId, 'x'.repeat(43), origin), { code: 'INVALID_TOKEN' });
  const stranger = await kit.rich({});
  await t.throwsAsync(kit.confirm(stranger, withdrawalId), { code: 'WITHDRAWAL_NOT_FOUND' });
  await t.throwsAsync(withdrawals.cancel(stranger, withdrawalId, origin), { code: 'WITHDRAWAL_NOT_FOUND' });
  await kit.confirm(caller, withdrawalId);
  t.like(await kit.confirm(caller, withdrawalId), { state: 'SCREENING' });
  t.regex((await steps.confirmationMail((await kit.request(caller, '1')).withdrawalId))?.text ?? '', /#token=/);
});

test.serial('withdrawal: up to the threshold, sent without an officer and settled once', async (t) => {
  const before = Number(await kit.clearing());
  const { caller, id } = await screened('1000');
  t.is(await stateOf(id), 'APPROVED');
  await send(id);
  await send(id);
  t.is(await stateOf(id), 'SETTLED');
  t.is(await kit.shown(caller.userId), '59000/0');
  t.is(Number(await kit.clearing()) - before, -59_000);
  t.is((await kit.chain()).filter(({ amount }) => amount === '1000').length, 1);
});

test.serial('withdrawal: above one officer’s amount, two different ones are needed and one twice is not', async (t) => {
  const { id } = await screened('10000.000001');
  const [one, two] = [await kit.officer(), await kit.officer()];
  t.regex((await kit.decide(id, one)).message, /1 of 2/);
  kit.advance(31_000);
  t.regex((await kit.decide(id, one)).message, /1 of 2/);
  kit.advance(31_000);
  await t.throwsAsync(kit.decide(id, one, 'reject'), { code: 'DECISION_DUPLICATE' });
  await steps.prepare(id, kit.custody);
  t.is(await stateOf(id), 'REVIEW');
  t.regex((await kit.decide(id, two)).message, /2 of 2/);
  t.is(await stateOf(id), 'APPROVED');
});

test.serial('withdrawal: to a listed address, two officers however small', async (t) => {
  const { id } = await screened('1', true);
  t.like(await steps.describe(id), { state: 'REVIEW', approvalsNeeded: 2 });
});

test.serial(
  'decide: rejected by one officer, funds back; a second decision and old revisions are refused',
  async (t) => {
    const { caller, id } = await screened('5000');
    const [one, two] = [await kit.officer(), await kit.officer()];
    await t.throwsAsync(kit.decide(id, one, 'approve', { revision: '0'.repeat(12) }), { code: 'CASE_CHANGED' });
    await t.throwsAsync(kit.decide(id, one, 'more_info'), { code: 'INVALID_DECISION' });
    await kit.decide(id, one, 'reject');
    t.is(await kit.shown(caller.userId), '60000/0');
    await t.throwsAsync(kit.decide(id, two), { code: 'DECISION_CLOSED' });
    t.is(await stateOf(id), 'REJECTED');
  },
);

test.serial(
  'steps: called for a withdrawal nobody approved or no row at all, move no money and send nothing',
  async (t) => {
    const { caller, id } = await screened('5000');
    const sent = (await kit.chain()).length;
    for (const each of [id, randomUUID()]) {
      await steps.prepare(each, kit.custody);
      await steps.broadcast(each, kit.custody);
      await steps.confirm(each, kit.custody);
      await steps.settle(each);
    }
    t.is(await stateOf(id), 'REVIEW');
    t.is(await kit.shown(caller.userId), '55000/5000');
    t.is((await kit.chain()).length, sent);
  },
);

test.serial('steps: a row set to approved by hand without approvals, is not signed', async (t) => {
  const { id } = await screened('5000');
  await db.none("UPDATE payments.withdrawals SET state = 'APPROVED' WHERE withdrawal_id = $1", [id]);
  await t.throwsAsync(steps.prepare(id, kit.custody), { message: /has its approvals/ });
  await db.none("UPDATE payments.withdrawals SET state = 'REVIEW' WHERE withdrawal_id = $1", [id]);
  await kit.decide(id, await kit.officer());
  await db.none("UPDATE payments.withdrawals SET address = 'dev1anotherplace' WHERE withdrawal_id = $1", [id]);
  await t.throwsAsync(steps.prepare(id, kit.custody), { message: /has its approvals/ });
});

test.serial('prepare: the asset is halted or the account frozen, held until it is not', async (t) => {
  const { caller, id } = await screened('10');
  await db.none("INSERT INTO payments.halted_assets VALUES ('USDT', 'drill', now())");
  t.is(await steps.prepare(id, kit.custody), 'held');
  await db.none('DELETE FROM payments.halted_assets');
  await db.none('UPDATE identity.users SET frozen_at = now() WHERE user_id = $1', [caller.userId]);
  t.is(await steps.prepare(id, kit.custody), 'held');
  await db.none('UPDATE identity.users SET frozen_at = NULL WHERE user_id = $1', [caller.userId]);
  t.is(await steps.prepare(id, kit.custody), 'ready');
  await t.throwsAsync(withdrawals.cancel(caller, id, origin), { code: 'WITHDRAWAL_NOT_POSSIBLE' });
});

test.serial('broadcast: the custodian fails after it sent, tried again and the chain has it once', async (t) => {
  const { id } = await screened('77');
  await steps.prepare(id, kit.custody);
  await setTrouble({ fail: 'after' });
  await t.throwsAsync(steps.broadcast(id, kit.custody), { message: /500/ });
  t.is(await stateOf(id), 'SIGNING');
  await setTrouble({ fail: 'never' });
  await send(id);
  t.is(await stateOf(id), 'SETTLED');
  t.is((await kit.chain()).filter(({ amount }) => amount === '77').length, 1);
});

test.serial('prepare and broadcast: ten times at once, one number, one transaction', async (t) => {
  const { id } = await screened('88');
  await Promise.all(Array.from({ length: 10 }, () => steps.prepare(id, kit.custody)));
  await Promise.all(Array.from({ length: 10 }, () => steps.broadcast(id, kit.custody)));
  t.is((await kit.chain()).filter(({ amount }) => amount === '88').length, 1);
  const nonces = (await kit.chain()).map(({ nonce }) => nonce);
  t.is(new Set(nonces).size, nonces.length);
});

test.serial('cancel and prepare: at once, either given back or signed, never both', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const { caller, id } = await screened('500');
    await Promise.allSettled([withdrawals.cancel(caller, id, origin), steps.prepare(id, kit.custody)]);
    const state = await stateOf(id);
    t.is(await kit.shown(caller.userId), state === 'CANCELLED' ? '60000/0' : '59500/500', state);
  }
});

test.serial('expire: before its time nothing, after it the funds are back', async (t) => {
  const { caller, id } = await screened('5000');
  const asked = await kit.request(caller, '10');
  await steps.expire(id);
  await steps.expire(asked.withdrawalId);
  t.is(await kit.shown(caller.userId), '54990/5010');
  kit.advance(24 * 3_600_000);
  await steps.expire(id);
  await steps.expire(asked.withdrawalId);
  t.deepEqual([await stateOf(id), await stateOf(asked.withdrawalId)], ['REVIEW', 'EXPIRED']);
  kit.advance(24 * 3_600_000);
  await steps.expire(id);
  t.is(await stateOf(id), 'EXPIRED');
  t.is(await kit.shown(caller.userId), '60000/0');
});

test.serial('books: after all of this, every asset sums to zero', async (t) => {
  const sums = await db.manyOrNone<{ sum: string }>('SELECT sum(balance)::text FROM ledger.accounts GROUP BY asset');
  t.true(sums.length > 0 && sums.every(({ sum }) => Number(sum) === 0));
});
