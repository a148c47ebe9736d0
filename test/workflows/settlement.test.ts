import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { SettlementActivities } from '../../activities/settlement.ts';
import type { SettlementState } from '../../services/settlement/settlement.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';

const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

const symbol = 'BTC/USDT';

/** A settlement whose market is a variable; `calls` are the seconds, after the first, it was asked to settle at. */
async function begin(t: ExecutionContext<{ lab: WorkflowLab }>, answer: (call: number) => Partial<SettlementState>) {
  const { lab } = t.context;
  let first: number | undefined;
  const calls: number[] = [];
  const activities: SettlementActivities = {
    settleTrades: async () => {
      const at = await lab.env.currentTimeMs();
      first ??= at;
      // To the nearest 5 s: the server's clock also runs while we work.
      calls.push(Math.round((at - first) / 5_000) * 5);
      return { settledSeq: calls.length, lag: 0, parked: 0, stopped: false, ...answer(calls.length) };
    },
  };
  const served = await lab.serve(activities);
  const handle = await lab.env.client.workflow.start('settlement', {
    workflowId: `settlement:${randomUUID()}`,
    taskQueue: served.taskQueue,
    args: [symbol],
  });
  t.teardown(async () => {
    // Of whichever run it has come to.
    await lab.env.client.workflow.getHandle(handle.workflowId).cancel();
    await handle.result().catch(() => undefined);
    await served.stop();
  });
  return { calls, handle };
}

test.serial('settlement workflow: nobody signals, looks at once and then every 30 s', async (t) => {
  const { calls, handle } = await begin(t, () => ({}));
  await t.context.lab.env.sleep('65s');
  t.deepEqual(calls, [0, 30, 60]);
  t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.symbol), symbol);
});

test.serial('settlement workflow: a hint, looks at once', async (t) => {
  const { calls, handle } = await begin(t, () => ({}));
  await t.context.lab.env.sleep('10s');
  await handle.signal('tradesMatched');
  await t.context.lab.env.sleep('5s');
  t.deepEqual(calls, [0, 10]);
});

test.serial('settlement workflow: more waits than one attempt settles, goes on without waiting', async (t) => {
  const { calls, handle } = await begin(t, (call) => ({ lag: call < 4 ? 100 : 0 }));
  await t.context.lab.env.sleep('5s');
  t.deepEqual(calls, [0, 0, 0, 0]);
  t.like(await handle.query('status'), { symbol, settledSeq: 4, lag: 0, parked: 0 });
});

test.serial('settlement workflow: stopped with trades waiting, waits for the next wake', async (t) => {
  const { calls, handle } = await begin(t, () => ({ settledSeq: 7, lag: 50, parked: 21, stopped: true }));
  await t.context.lab.env.sleep('35s');
  t.deepEqual(calls.slice(-1), [30]);
  t.true(calls.length <= 3);
  t.like(await handle.query('status'), { parked: 21, stopped: true });
  t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'STOPPED');
});

test.serial(
  'settlement workflow: the books are away for minutes, says so and settles when they are back',
  async (t) => {
    let away = true;
    const { handle } = await begin(t, () => {
      if (away) throw new Error('connect ECONNREFUSED 10.0.0.7');
      return { settledSeq: 9 };
    });
    await t.context.lab.env.sleep('3m');
    const status: { trouble?: string } = await handle.query('status');
    t.regex(status.trouble ?? '', /FAULT, trace/);
    t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'TROUBLE');
    away = false;
    await t.context.lab.env.sleep('2m');
    t.like(await handle.query('status'), { settledSeq: 9, trouble: undefined });
    t.is((await handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'SETTLING');
  },
);

test.serial('settlement workflow: 5 000 signals, goes on as a new run under the same id', async (t) => {
  const { handle } = await begin(t, () => ({}));
  for (let sent = 0; sent < 5_000; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, () => handle.signal('tradesMatched').catch(() => undefined)));
  }
  await t.context.lab.env.sleep('31s');
  const now = await t.context.lab.env.client.workflow.getHandle(handle.workflowId).describe();
  t.not(now.runId, handle.firstExecutionRunId);
  t.is(now.status.name, 'RUNNING');
});
