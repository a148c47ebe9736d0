import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { AdjustmentState } from '../../domain/ledger/adjustment.ts';
import { describeAdjustmentQuery } from '../../temporal/names/decide.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { until } from '../_support/until.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';
import { type AdjustmentRowOptions, adjustmentRevision, createAdjustmentRow } from './adjustment-row.ts';

type Context = ExecutionContext<{ lab: WorkflowLab }>;
const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

const olivia = {
  officer: 'olivia@example.com',
  code: '123456',
  revision: adjustmentRevision,
  outcome: 'approve',
  reason: 'the ticket says so',
};
const oscar = { ...olivia, officer: 'oscar@example.com' };

/** The workflow of an adjustment whose row is a variable. */
async function begin(t: Context, wanted: Omit<AdjustmentRowOptions, 'id' | 'now'> = {}) {
  const { lab } = t.context;
  const id = randomUUID();
  const now = async (): Promise<number> => lab.env.currentTimeMs();
  const { row, done, activities } = await createAdjustmentRow({ ...wanted, id, now });
  const served = await lab.serve(activities, 'compliance');
  t.teardown(served.stop);
  const options = { workflowId: `adjustment:${id}`, taskQueue: served.taskQueue, args: [id] };
  const handle = await lab.env.client.workflow.start('adjustment', options);
  const untilState = (state: AdjustmentState): Promise<void> =>
    until(async () => (await handle.query(describeAdjustmentQuery))?.state === state);
  const decide = (decision: object = olivia) => handle.executeUpdate('decide', { args: [decision] });
  const shownState = async () => (await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState);
  return { row, done, handle, untilState, decide, shownState };
}

async function refusalOf(t: Context, update: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(update, { instanceOf: WorkflowUpdateFailedError });
  const cause = error.cause as { type?: string; message?: string } | undefined;
  return `${cause?.type}: ${cause?.message}`;
}

for (const end of ['POSTED', 'REFUSED'] as const) {
  test.serial(`adjustment: approved by two officers and ${end.toLowerCase()}, ends with the second`, async (t) => {
    const { handle, row, done, untilState, decide } = await begin(t, { end });
    await untilState('REVIEW');
    t.deepEqual(await decide(), { recorded: true, message: 'Recorded: 1 of 2 approvals.' });
    t.is(row.state, 'REVIEW');
    await decide(oscar);
    await handle.result();
    t.is((await handle.query(describeAdjustmentQuery))?.state, end);
    t.deepEqual(done, []);
    const { typedSearchAttributes: attributes } = await handle.describe();
    t.is(attributes.get(searchAttributes.caseState), end);
    t.is(attributes.get(searchAttributes.userId), 'user-1');
    t.is(attributes.get(searchAttributes.asset), 'USDT');
    t.is(attributes.get(searchAttributes.officer), 'oscar@example.com');
  });
}

test.serial('adjustment: one officer approves and one rejects, ends', async (t) => {
  const { handle, untilState, decide, shownState } = await begin(t);
  await untilState('REVIEW');
  await decide();
  await decide({ ...oscar, outcome: 'reject' });
  await handle.result();
  t.is(await shownState(), 'REJECTED');
});

test.serial('adjustment: nobody decides, reminded after 4 h, overdue after 24 h and expired after 48 h', async (t) => {
  const { handle, done, shownState } = await begin(t);
  await handle.result();
  t.deepEqual(done, ['reminder at 4 h', 'escalation at 24 h', 'expired at 48 h']);
  t.is(await shownState(), 'EXPIRED');
});

test.serial('adjustment: overdue, says so and is approved all the same', async (t) => {
  const { lab } = t.context;
  const { handle, done, untilState, decide, shownState } = await begin(t);
  await untilState('REVIEW');
  await decide();
  await lab.env.sleep('30h');
  t.is(await shownState(), 'OVERDUE');
  await decide(oscar);
  await handle.result();
  t.deepEqual(done, ['reminder at 4 h', 'escalation at 24 h']);
  t.is(await shownState(), 'POSTED');
});

test.serial('adjustment: no mail to officers will go, it expires all the same', async (t) => {
  const { handle, done } = await begin(t, { mailFails: true });
  await handle.result();
  t.deepEqual(done, ['expired at 48 h']);
});

test.serial('adjustment: ended without a word, is seen at the next timer and nobody is asked any more', async (t) => {
  const { handle, row, done, untilState } = await begin(t);
  await untilState('REVIEW');
  row.state = 'REJECTED';
  await handle.result();
  t.is((await handle.query(describeAdjustmentQuery))?.state, 'REJECTED');
  t.deepEqual(
    done.filter((what) => what.startsWith('expired')),
    [],
  );
});

for (const [what, sent, refusal] of [
  ['more_info', { ...olivia, outcome: 'more_info' }, /^INVALID_DECISION: .*one of approve, reject/],
  ['nothing', null, /^INVALID_DECISION: .*officer: give your e-mail address/],
  ['an old revision', { ...olivia, revision: '0'.repeat(12) }, /^CASE_CHANGED/],
] as const) {
  test.serial(`adjustment: a decision of ${what}, is refused before it is tried`, async (t) => {
    const { handle, row, untilState } = await begin(t);
    await untilState('REVIEW');
    t.regex(await refusalOf(t, handle.executeUpdate('decide', { args: [sent] })), refusal);
    t.deepEqual(row.approvals, []);
    row.state = 'REJECTED';
    await handle.signal('changed');
    await handle.result();
  });
}

test.serial('adjustment: the proof takes too long, the officer is told to send it again and may', async (t) => {
  let away = true;
  const prove = async (): Promise<void> => {
    if (away) throw new Error('PostgreSQL is away');
  };
  const { handle, untilState, decide } = await begin(t, { prove });
  await untilState('REVIEW');
  t.is(await refusalOf(t, decide()), 'OFFICER_NOT_PROVEN: Not recorded, send again with a fresh code.');
  away = false;
  await decide();
  await decide(oscar);
  await handle.result();
});

for (const [what, state] of [
  ['without a row', 'none'],
  ['for one that has ended', 'POSTED'],
] as const) {
  test.serial(`adjustment: started by hand ${what}, does nothing`, async (t) => {
    const { handle, done } = await begin(t, { state });
    await handle.result();
    t.is((await handle.query(describeAdjustmentQuery))?.state, state === 'none' ? undefined : state);
    t.deepEqual(done, []);
  });
}
