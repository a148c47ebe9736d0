import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import type { CaseState } from '../../domain/compliance/case.ts';
import { DomainError } from '../../domain/errors.ts';
import { describeCaseQuery } from '../../temporal/names/decide.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { until } from '../_support/until.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';
import { createKycRow, type KycRowOptions, revisionOf } from './kyc-row.ts';

type Context = ExecutionContext<{ lab: WorkflowLab }>;
const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

type Wanted = Omit<KycRowOptions, 'caseId' | 'now'>;

/** The workflow of a case whose row is a variable. */
async function begin(t: Context, wanted: Wanted = {}) {
  const { lab } = t.context;
  const caseId = randomUUID();
  const { row, done, sent, activities } = await createKycRow({
    ...wanted,
    caseId,
    now: async () => lab.env.currentTimeMs(),
  });
  // Officers are proven on the queue of that name, wherever the workflow runs.
  const served = await lab.serve(activities, 'compliance');
  t.teardown(served.stop);
  const options = { workflowId: `kyc:${caseId}`, taskQueue: served.taskQueue, args: [caseId] };
  const handle = await lab.env.client.workflow.start('kycReview', options);
  const untilState = (state: CaseState): Promise<void> =>
    until(async () => (await handle.query(describeCaseQuery))?.state === state);
  return { caseId, row, done, sent, handle, untilState };
}

const good = {
  officer: 'olivia@example.com',
  code: '123456',
  revision: revisionOf(1),
  outcome: 'approve',
  reason: 'in order',
};

/** The code and sentence with which an update was refused. */
async function refusalOf(t: Context, handle: WorkflowHandle, decision: unknown): Promise<string> {
  const error = await t.throwsAsync(handle.executeUpdate('decide', { args: [decision] }), {
    instanceOf: WorkflowUpdateFailedError,
  });
  const cause = error.cause as { type?: string; message?: string } | undefined;
  return `${cause?.type}: ${cause?.message}`;
}

test.serial('kycReview: approved within the hour, one mail and no reminder', async (t) => {
  const { handle, done, sent, untilState, caseId } = await begin(t);
  await untilState('review');
  t.deepEqual(await handle.executeUpdate('decide', { args: [good] }), { recorded: true, message: 'Recorded.' });
  await handle.result();
  t.deepEqual(done, ['mail verified at 0 h']);
  t.like(sent[0], { about: 'kyc', id: caseId, outcome: 'approve', revision: revisionOf(1) });
  t.truthy(sent[0]?.updateId);
  const { typedSearchAttributes: attributes } = await handle.describe();
  t.is(attributes.get(searchAttributes.caseState), 'VERIFIED');
  t.is(attributes.get(searchAttributes.riskScore), 7);
});

test.serial('kycReview: nobody decides, reminded after 4 h, overdue after 24 h, and still decided later', async (t) => {
  const { lab } = t.context;
  const { handle, done, untilState } = await begin(t);
  await untilState('review');
  await lab.env.sleep('30h');
  t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'OVERDUE');
  t.truthy(await handle.executeUpdate('decide', { args: [{ ...good, outcome: 'reject' }] }));
  await handle.result();
  t.deepEqual(done, ['reminder at 4 h', 'escalation at 24 h', 'mail rejected at 30 h']);
});

test.serial('kycReview: more is asked and sent, screened again and its timers begin anew', async (t) => {
  const { lab } = t.context;
  const { handle, done, row, untilState } = await begin(t);
  await untilState('review');
  await handle.executeUpdate('decide', { args: [{ ...good, outcome: 'more_info' }] });
  await untilState('more_info');
  await lab.env.sleep('10h');
  Object.assign(row, { state: 'screening', submission: 2 });
  await handle.signal('changed');
  await untilState('review');
  t.regex(await refusalOf(t, handle, good), /^CASE_CHANGED: .*Read it again/);
  await lab.env.sleep('5h');
  await handle.executeUpdate('decide', { args: [{ ...good, revision: revisionOf(2) }] });
  await handle.result();
  t.deepEqual(done, ['mail more_info at 0 h', 'reminder at 14 h', 'mail verified at 15 h']);
});

test.serial(
  'kycReview: the lists are away for days, the case waits in screening and nothing is to decide',
  async (t) => {
    const { lab } = t.context;
    const { handle, untilState } = await begin(t, { listsAwayFor: 200 });
    await lab.env.sleep('10h');
    t.regex(await refusalOf(t, handle, good), /^DECISION_CLOSED: .*the case is screening/);
    await lab.env.sleep('10h');
    await untilState('review');
    await handle.executeUpdate('decide', { args: [good] });
    await handle.result();
  },
);

test.serial('kycReview: decided by another door and the signal lost, seen at the next timer', async (t) => {
  const { handle, done, row, untilState } = await begin(t);
  await untilState('review');
  row.state = 'verified';
  await handle.result();
  t.is(done.at(-1), 'mail verified at 4 h');
});

test.serial('kycReview: decided by another door and told, ends at once', async (t) => {
  const { handle, done, row, untilState } = await begin(t);
  await untilState('review');
  row.state = 'rejected';
  await handle.signal('changed');
  await handle.result();
  t.deepEqual(done, ['mail rejected at 0 h']);
});

test.serial('kycReview: the officer is not proven, she reads why and the case stays open', async (t) => {
  let failures = 1;
  const prove = async (): Promise<void> => {
    if (failures-- > 0) throw new DomainError('OFFICER_NOT_PROVEN', 'Not recorded: officer or code is wrong.');
  };
  const { handle, untilState } = await begin(t, { prove });
  await untilState('review');
  t.is(await refusalOf(t, handle, good), 'OFFICER_NOT_PROVEN: Not recorded: officer or code is wrong.');
  await handle.executeUpdate('decide', { args: [good] });
  await handle.result();
});

test.serial('kycReview: the proof takes too long, she is told to send it again and may', async (t) => {
  let away = true;
  const prove = async (): Promise<void> => {
    if (away) throw new Error('PostgreSQL is away');
  };
  const { handle, untilState } = await begin(t, { prove });
  await untilState('review');
  t.is(await refusalOf(t, handle, good), 'OFFICER_NOT_PROVEN: Not recorded, send again with a fresh code.');
  away = false;
  await handle.executeUpdate('decide', { args: [good] });
  await handle.result();
});

for (const [circumstance, change, sentence] of [
  ['no reason', { reason: ' ' }, /reason: say why/],
  ['no officer', { officer: undefined }, /officer: give your e-mail/],
  ['a code that is a number', { code: 123456 }, /code: give the six digits/],
  ['an unknown outcome', { outcome: 'maybe' }, /outcome: one of approve, reject, more_info/],
  ['an unknown field', { force: true }, /force: is unknown/],
] as const) {
  test.serial(`kycReview: a decision with ${circumstance}, refused before anything is proven`, async (t) => {
    const { handle, sent, untilState, row } = await begin(t);
    await untilState('review');
    t.regex(await refusalOf(t, handle, { ...good, ...change }), new RegExp(`^INVALID_DECISION: .*${sentence.source}`));
    t.is(sent.length, 0);
    row.state = 'rejected';
    await handle.signal('changed');
    await handle.result();
  });
}

for (const state of ['none', 'draft'] as const) {
  test.serial(
    `kycReview: started by hand for ${state === 'none' ? 'no case' : 'a draft'}, ends and does nothing`,
    async (t) => {
      const { handle, done, sent } = await begin(t, { state });
      await handle.result();
      t.deepEqual([...done, ...sent], []);
    },
  );
}
