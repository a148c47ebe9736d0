import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WithdrawalState } from '../../domain/payments/withdrawal.ts';
import { describeWithdrawalQuery } from '../../temporal/names/decide.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { until } from '../_support/until.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';
import { createWithdrawalRow, revision, type WithdrawalRowOptions } from './withdrawal-row.ts';

type Context = ExecutionContext<{ lab: WorkflowLab }>;
const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

const good = { officer: 'olivia@example.com', code: '123456', revision, outcome: 'approve', reason: 'in order' };

type Wanted = Omit<WithdrawalRowOptions, 'id' | 'now'>;

/** The workflow of a withdrawal whose row is a variable. */
async function begin(t: Context, wanted: Wanted = {}) {
  const { lab } = t.context;
  const id = randomUUID();
  const { row, done, activities } = await createWithdrawalRow({
    ...wanted,
    id,
    now: async () => lab.env.currentTimeMs(),
  });
  const served = await lab.serve(activities, 'compliance');
  t.teardown(served.stop);
  const options = { workflowId: `withdrawal:${id}`, taskQueue: served.taskQueue, args: [id] };
  const handle = await lab.env.client.workflow.start('withdrawal', options);
  const untilState = (state: WithdrawalState): Promise<void> =>
    until(async () => (await handle.query(describeWithdrawalQuery))?.state === state);
  /** What the customer's click commits. */
  const click = async (): Promise<void> => {
    await untilState('AWAITING_CONFIRMATION');
    row.state = 'SCREENING';
    await handle.signal('changed');
  };
  const decide = (decision: object = good) => handle.executeUpdate('decide', { args: [decision] });
  return { row, done, handle, untilState, click, decide };
}

async function refusalOf(t: Context, update: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(update, { instanceOf: WorkflowUpdateFailedError });
  const cause = error.cause as { type?: string; message?: string } | undefined;
  return `${cause?.type}: ${cause?.message}`;
}

test.serial('withdrawal: confirmed and small, sent, settled and mailed without an officer', async (t) => {
  const { handle, done, click } = await begin(t, { pendingFor: 5 });
  await click();
  await handle.result();
  t.deepEqual(done, ['asked at 0 h', 'sent at 0 h', 'settled at 0 h', 'mail SETTLED at 0 h']);
  const { typedSearchAttributes: attributes } = await handle.describe();
  t.is(attributes.get(searchAttributes.caseState), 'SETTLED');
  t.is(attributes.get(searchAttributes.asset), 'USDT');
  t.is(attributes.get(searchAttributes.amountQuote), 5_000);
});

test.serial('withdrawal: never confirmed, expires after 24 h', async (t) => {
  const { handle, done } = await begin(t);
  await handle.result();
  t.deepEqual(done, ['asked at 0 h', 'expired at 24 h', 'mail EXPIRED at 24 h']);
});

test.serial('withdrawal: the confirmation mail will not go, expires all the same', async (t) => {
  const { handle, done } = await begin(t, { mailFails: true });
  await handle.result();
  t.deepEqual(done, ['expired at 24 h', 'mail EXPIRED at 24 h']);
});

test.serial('withdrawal: confirmed while the signal was lost, not expired but screened', async (t) => {
  const { handle, done, row, untilState } = await begin(t);
  await untilState('AWAITING_CONFIRMATION');
  row.state = 'SCREENING';
  await handle.result();
  t.is(done.at(-1), 'mail SETTLED at 24 h');
});

test.serial('withdrawal: cancelled by the customer, ends at once and sends nothing', async (t) => {
  const { handle, done, row, untilState } = await begin(t);
  await untilState('AWAITING_CONFIRMATION');
  row.state = 'CANCELLED';
  await handle.signal('changed');
  await handle.result();
  t.deepEqual(done, ['asked at 0 h', 'mail CANCELLED at 0 h']);
});

test.serial('withdrawal: two officers approve, sent after the second', async (t) => {
  const { handle, done, click, untilState, decide } = await begin(t, { needed: 2 });
  await click();
  await untilState('REVIEW');
  t.deepEqual(await decide(), { recorded: true, message: 'Recorded: 1 of 2 approvals.' });
  t.false(done.some((what) => what.startsWith('sent')));
  await decide({ ...good, officer: 'oscar@example.com' });
  await handle.result();
  t.is(done.at(-1), 'mail SETTLED at 0 h');
});

test.serial('withdrawal: an officer rejects, ends without sending', async (t) => {
  const { handle, done, click, untilState, decide } = await begin(t, { needed: 1 });
  await click();
  await untilState('REVIEW');
  await decide({ ...good, outcome: 'reject' });
  await handle.result();
  t.deepEqual(done, ['asked at 0 h', 'mail REJECTED at 0 h']);
});

test.serial('withdrawal: nobody approves, reminded after 4 h, overdue after 24 h and expired after 48 h', async (t) => {
  const { handle, done, click } = await begin(t, { needed: 1 });
  await click();
  await handle.result();
  t.deepEqual(done, [
    'asked at 0 h',
    'reminder at 4 h',
    'escalation at 24 h',
    'expired at 48 h',
    'mail EXPIRED at 48 h',
  ]);
});

test.serial('withdrawal: overdue and then approved, is sent', async (t) => {
  const { lab } = t.context;
  const { handle, done, click, untilState, decide } = await begin(t, { needed: 1 });
  await click();
  await untilState('REVIEW');
  await lab.env.sleep('30h');
  t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'OVERDUE');
  await decide();
  await handle.result();
  t.is(done.at(-1), 'mail SETTLED at 30 h');
});

test.serial('withdrawal: sending is halted for a while, waits and is sent once', async (t) => {
  const { handle, done, click } = await begin(t, { heldFor: 120 });
  await click();
  await handle.result();
  t.deepEqual(
    done.filter((what) => what.startsWith('sent')),
    ['sent at 2 h'],
  );
});

test.serial('withdrawal: refused by the validator, each with its sentence', async (t) => {
  const { handle, row, click, untilState, decide } = await begin(t, { needed: 1 });
  t.regex(await refusalOf(t, decide()), /^DECISION_CLOSED/);
  await click();
  await untilState('REVIEW');
  t.regex(await refusalOf(t, decide({ ...good, outcome: 'more_info' })), /^INVALID_DECISION: .*one of approve, reject/);
  t.regex(await refusalOf(t, decide({ ...good, reason: '' })), /^INVALID_DECISION: .*say why/);
  t.regex(await refusalOf(t, decide({ ...good, revision: '0'.repeat(12) })), /^CASE_CHANGED/);
  row.state = 'CANCELLED';
  await handle.signal('changed');
  await handle.result();
});

test.serial('withdrawal: the proof takes too long, the officer is told to send it again and may', async (t) => {
  let away = true;
  const prove = async (): Promise<void> => {
    if (away) throw new Error('PostgreSQL is away');
  };
  const { handle, click, untilState, decide } = await begin(t, { needed: 1, prove });
  await click();
  await untilState('REVIEW');
  t.is(await refusalOf(t, decide()), 'OFFICER_NOT_PROVEN: Not recorded, send again with a fresh code.');
  away = false;
  await decide();
  await handle.result();
});

for (const state of ['SIGNING', 'BROADCAST', 'CONFIRMED', 'SETTLED'] as const) {
  test.serial(`withdrawal: started anew for a row that is ${state}, goes on from there`, async (t) => {
    const { handle, row, done } = await begin(t, { state });
    await handle.result();
    t.is(row.state, 'SETTLED');
    t.is(done.at(-1), 'mail SETTLED at 0 h');
    t.is(done.filter((what) => what.startsWith('sent')).length, state === 'SIGNING' ? 1 : 0);
  });
}

test.serial('withdrawal: started by hand without a row, does nothing and ends', async (t) => {
  const { handle, done } = await begin(t, { state: 'none' });
  await handle.result();
  t.deepEqual(done, []);
});
