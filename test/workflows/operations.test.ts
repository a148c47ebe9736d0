import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { OperationsActivities } from '../../activities/operations.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';

const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

const none = { keepPartitions: 0, expireDayOrders: 0, publishLiabilities: 0, wantFullCheck: 0 };

/** Runs a workflow whose activities fail so many times; answers how often each was called. */
async function run(t: ExecutionContext<{ lab: WorkflowLab }>, workflow: string, failures: number) {
  const { lab } = t.context;
  const calls = { ...none };
  function call(name: keyof typeof calls): void {
    calls[name] += 1;
    if (calls[name] <= failures) throw new Error('connect ECONNREFUSED 10.0.0.7');
  }
  const activities: OperationsActivities = {
    keepPartitions: async () => {
      call('keepPartitions');
      return { made: 1, archived: 0, strays: 0 };
    },
    expireDayOrders: async () => {
      call('expireDayOrders');
      return 1;
    },
    publishLiabilities: async () => {
      call('publishLiabilities');
      return { snapshotId: randomUUID(), assets: 2 };
    },
    wantFullCheck: async () => call('wantFullCheck'),
  };
  const served = await lab.serve(activities);
  t.teardown(() => served.stop());
  const { taskQueue } = served;
  await lab.env.client.workflow.execute(workflow, { workflowId: randomUUID(), taskQueue, args: [] });
  return calls;
}

test.serial('maintenance workflow: PostgreSQL is away for a while, tries until it is done', async (t) => {
  t.deepEqual(await run(t, 'maintenance', 12), { ...none, keepPartitions: 13 });
});

test.serial('dayEnd workflow: PostgreSQL is away for a while, tries until it is done', async (t) => {
  t.deepEqual(await run(t, 'dayEnd', 12), { ...none, expireDayOrders: 13 });
});

test.serial('liabilityProof workflow: the books are not sound for hours, tries until they are', async (t) => {
  t.deepEqual(await run(t, 'liabilityProof', 40), { ...none, publishLiabilities: 41 });
});

test.serial('reconciliation workflow: PostgreSQL is away for a while, tries until it is asked for', async (t) => {
  t.deepEqual(await run(t, 'reconciliation', 12), { ...none, wantFullCheck: 13 });
});
