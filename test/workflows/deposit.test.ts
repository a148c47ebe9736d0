import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { DepositActivities } from '../../activities/deposits.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';

const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

async function begin(t: ExecutionContext<{ lab: WorkflowLab }>, activities: DepositActivities) {
  const { lab } = t.context;
  const served = await lab.serve(activities);
  t.teardown(served.stop);
  const depositId = randomUUID();
  const handle = await lab.env.client.workflow.start('deposit', {
    workflowId: `deposit:${depositId}`,
    taskQueue: served.taskQueue,
    args: [depositId],
  });
  return { depositId, handle };
}

test.serial('deposit workflow: a reported deposit, credited and says so', async (t) => {
  const asked: string[] = [];
  const { depositId, handle } = await begin(t, {
    creditDeposit: async (id) => {
      asked.push(id);
      return 'credited';
    },
  });
  await handle.result();
  t.deepEqual(asked, [depositId]);
  t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'CREDITED');
});

test.serial('deposit workflow: an unknown id, ends and says so', async (t) => {
  const { handle } = await begin(t, { creditDeposit: async () => 'unknown' });
  await handle.result();
  t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'UNKNOWN');
});

test.serial('deposit workflow: the books are away for a while, asks again until it is credited', async (t) => {
  let attempts = 0;
  const { handle } = await begin(t, {
    creditDeposit: async () => {
      attempts += 1;
      if (attempts < 5) throw new Error('connect ECONNREFUSED 10.0.0.7');
      return 'credited';
    },
  });
  await handle.result();
  t.is(attempts, 5);
  t.notRegex(JSON.stringify((await handle.fetchHistory()).events), /10\.0\.0\.7/);
});
