import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describeBreakCaseQuery } from '../../temporal/names/decide.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { until } from '../_support/until.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';
import { breaksRevision, createBreaksRow } from './breaks-row.ts';

type Context = ExecutionContext<{ lab: WorkflowLab }>;
const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

const olivia = { officer: 'olivia@example.com', code: '123456', revision: breaksRevision, reason: 'it was repaired' };
const oscar = { ...olivia, officer: 'oscar@example.com' };

async function begin(t: Context, state: 'BROKEN' | 'REVIEW' | 'none') {
  const { lab } = t.context;
  const id = randomUUID();
  const { row, activities } = createBreaksRow(id);
  row.state = state;
  const served = await lab.serve(activities, 'compliance');
  t.teardown(served.stop);
  const options = { workflowId: `reconciliation-break:${id}`, taskQueue: served.taskQueue, args: [id] };
  const handle = await lab.env.client.workflow.start('reconciliationBreak', options);
  const untilState = (wanted: string): Promise<void> =>
    until(async () => (await handle.query(describeBreakCaseQuery))?.state === wanted);
  return { row, handle, untilState };
}

async function refusalOf(t: Context, update: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(update, { instanceOf: WorkflowUpdateFailedError });
  const cause = error.cause as { type?: string; message?: string } | undefined;
  return `${cause?.type}: ${cause?.message}`;
}

test.serial('reconciliation break: closed while broken is refused, then by two officers, ends', async (t) => {
  const { row, handle, untilState } = await begin(t, 'BROKEN');
  await untilState('BROKEN');
  t.regex(await refusalOf(t, handle.executeUpdate('close', { args: [olivia] })), /DECISION_CLOSED.*is broken/);
  t.deepEqual(row.approvals, []);
  row.state = 'REVIEW';
  await handle.signal('changed');
  await untilState('REVIEW');
  t.like(await handle.executeUpdate('close', { args: [olivia] }), { message: 'Recorded: 1 of 2 approvals.' });
  t.is(row.state, 'REVIEW');
  await handle.executeUpdate('close', { args: [oscar] });
  await handle.result();
  const { typedSearchAttributes: attributes } = await handle.describe();
  t.is(attributes.get(searchAttributes.caseState), 'CLOSED');
  t.is(attributes.get(searchAttributes.asset), 'USDT');
});

for (const [what, sent, refusal] of [
  ['with an outcome', { ...olivia, outcome: 'approve' }, /INVALID_DECISION.*outcome: is unknown/],
  ['of nothing', null, /INVALID_DECISION.*officer: give your e-mail address/],
  ['with an old revision', { ...olivia, revision: '000000000000' }, /CASE_CHANGED/],
] as const) {
  test.serial(`reconciliation break: a close ${what}, is refused before it is tried`, async (t) => {
    const { row, handle, untilState } = await begin(t, 'REVIEW');
    await untilState('REVIEW');
    t.regex(await refusalOf(t, handle.executeUpdate('close', { args: [sent] })), refusal);
    t.deepEqual(row.approvals, []);
    row.state = 'CLOSED';
    await handle.result();
  });
}

test.serial('reconciliation break: started by hand for no case, does nothing', async (t) => {
  const { handle } = await begin(t, 'none');
  await handle.result();
  t.is(await handle.query(describeBreakCaseQuery), null);
});
