import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { DomainError } from '../../domain/errors.ts';
import { describeParkedTradeQuery } from '../../temporal/names/decide.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { until } from '../_support/until.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';
import { createTradeRow, tradeRevision } from './trade-row.ts';

type Context = ExecutionContext<{ lab: WorkflowLab }>;
const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

const olivia = { officer: 'olivia@example.com', code: '123456', revision: tradeRevision, reason: 'not a fair trade' };
const oscar = { ...olivia, officer: 'oscar@example.com' };

type Wanted = { readonly state?: 'REVIEW' | 'none'; readonly prove?: () => Promise<void> };

async function begin(t: Context, { state = 'REVIEW', prove = async () => undefined }: Wanted = {}) {
  const { lab } = t.context;
  const id = randomUUID();
  const { row, activities } = createTradeRow(id, { prove });
  row.state = state;
  const served = await lab.serve(activities, 'compliance');
  t.teardown(served.stop);
  const options = { workflowId: `settlement-exception:${id}`, taskQueue: served.taskQueue, args: [id] };
  const handle = await lab.env.client.workflow.start('settlementException', options);
  const untilState = (wanted: string): Promise<void> =>
    until(async () => (await handle.query(describeParkedTradeQuery))?.state === wanted);
  return { row, handle, untilState };
}

async function refusalOf(t: Context, update: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(update, { instanceOf: WorkflowUpdateFailedError });
  const cause = error.cause as { type?: string; message?: string } | undefined;
  return `${cause?.type}: ${cause?.message}`;
}

test.serial('settlement exception: retried before and after the repair, settles and ends', async (t) => {
  const { row, handle, untilState } = await begin(t);
  await untilState('REVIEW');
  t.like(await handle.executeUpdate('retry'), { settled: false });
  row.isRepaired = true;
  t.like(await handle.executeUpdate('retry'), { settled: true });
  await handle.result();
  const { typedSearchAttributes: attributes } = await handle.describe();
  t.is(attributes.get(searchAttributes.caseState), 'SETTLED');
  t.is(attributes.get(searchAttributes.symbol), 'BTC/USDT');
});

test.serial('settlement exception: bust by two officers, ends with the second', async (t) => {
  const { row, handle, untilState } = await begin(t);
  await untilState('REVIEW');
  t.like(await handle.executeUpdate('bust', { args: [olivia] }), { message: 'Recorded: 1 of 2 approvals.' });
  t.is(row.state, 'REVIEW');
  await handle.executeUpdate('bust', { args: [oscar] });
  await handle.result();
  t.is((await handle.query(describeParkedTradeQuery))?.state, 'BUSTED');
});

for (const [what, sent, refusal] of [
  ['with an outcome', { ...olivia, outcome: 'approve' }, /INVALID_DECISION.*outcome: is unknown/],
  ['without a reason', { ...olivia, reason: '' }, /INVALID_DECISION.*reason: say why/],
  ['of nothing', null, /INVALID_DECISION.*officer: give your e-mail address.*code: give/],
  ['of a text', 'bust it', /INVALID_DECISION/],
  ['with an old revision', { ...olivia, revision: '000000000000' }, /CASE_CHANGED/],
] as const) {
  test.serial(`settlement exception: a bust ${what}, is refused before it is tried`, async (t) => {
    const { row, handle, untilState } = await begin(t);
    await untilState('REVIEW');
    t.regex(await refusalOf(t, handle.executeUpdate('bust', { args: [sent] })), refusal);
    t.deepEqual(row.approvals, []);
    row.state = 'SETTLED';
    await handle.result();
  });
}

test.serial('settlement exception: the officer is not proven, is told so and nothing is recorded', async (t) => {
  const prove = () => Promise.reject(new DomainError('OFFICER_NOT_PROVEN', 'Not recorded: officer or code is wrong.'));
  const { row, handle, untilState } = await begin(t, { prove });
  await untilState('REVIEW');
  t.regex(await refusalOf(t, handle.executeUpdate('bust', { args: [olivia] })), /OFFICER_NOT_PROVEN/);
  t.is(row.state, 'REVIEW');
  row.state = 'SETTLED';
  await handle.result();
});

test.serial('settlement exception: settled by somebody else, is seen within a day and ends', async (t) => {
  const { row, handle, untilState } = await begin(t);
  await untilState('REVIEW');
  row.state = 'SETTLED';
  await handle.result();
  t.is((await handle.query(describeParkedTradeQuery))?.state, 'SETTLED');
});

test.serial('settlement exception: started by hand for a trade that was never parked, does nothing', async (t) => {
  const { handle } = await begin(t, { state: 'none' });
  await handle.result();
  t.is(await handle.query(describeParkedTradeQuery), null);
});
