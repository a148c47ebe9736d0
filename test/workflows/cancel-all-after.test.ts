import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { CancelTimerActivities } from '../../activities/cancel-timers.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { until } from '../_support/until.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';
import { createTimerRow } from './timer-row.ts';

const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

type Lab = ExecutionContext<{ lab: WorkflowLab }>;

async function start(t: Lab, activities: CancelTimerActivities) {
  const { lab } = t.context;
  const served = await lab.serve(activities);
  t.teardown(() => served.stop());
  const options = { workflowId: randomUUID(), taskQueue: served.taskQueue, args: [randomUUID()] };
  const handle = await lab.env.client.workflow.start('cancelAllAfter', options);
  return { options, handle };
}

/** A switch set to so many seconds, and its workflow. */
async function begin(t: Lab, seconds: number) {
  const { env } = t.context.lab;
  const now = () => env.currentTimeMs();
  const timer = await createTimerRow(now, seconds);
  const { options, handle } = await start(t, timer.activities);
  await until(() => timer.looks.length > 0);
  return {
    ...timer,
    options,
    handle,
    set: async (after: number) => void (timer.row.cancelAt = (await now()) + after * 1_000),
    // As officers see it.
    details: async () => {
      const shown = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      return shown.currentDetails ?? '';
    },
  };
}

/** Seconds pass while we work, too. */
const isAbout = (second: number | undefined, expected: number): boolean =>
  second !== undefined && second >= expected && second <= expected + 3;

function firedOnceAt(t: Lab, { fired }: { readonly fired: readonly number[] }, expected: number): void {
  t.is(fired.length, 1);
  t.true(isAbout(fired[0], expected), String(fired));
}

test.serial('cancelAllAfter workflow: nobody renews, fires at the deadline and ends', async (t) => {
  const timer = await begin(t, 10);
  await until(async () => /all orders end at \d{4}-/.test(await timer.details()));
  await timer.handle.result();
  firedOnceAt(t, timer, 10);
  t.is(timer.looks.length, 2);
  const { typedSearchAttributes } = await timer.handle.describe();
  t.is(typedSearchAttributes.get(searchAttributes.caseState), 'FIRED');
  t.is(typedSearchAttributes.get(searchAttributes.userId), '01980000-0000-7000-8000-000000000006');
});

test.serial(
  'cancelAllAfter workflow: renewed each second, looks at the deadlines it read and does not fire',
  async (t) => {
    const timer = await begin(t, 10);
    for (let second = 0; second < 25; second += 1) {
      await t.context.lab.env.sleep('1s');
      await timer.set(10);
    }
    t.deepEqual(timer.fired, []);
    t.true(timer.looks.length <= 4, String(timer.looks));
    await timer.handle.result();
    t.is(timer.fired.length, 1);
    t.true(timer.fired[0]! >= 35 && timer.fired[0]! <= 37, String(timer.fired));
  },
);

test.serial('cancelAllAfter workflow: switched off, finds it off at the deadline and ends', async (t) => {
  const timer = await begin(t, 10);
  timer.row.cancelAt = undefined;
  await timer.handle.result();
  t.deepEqual(timer.fired, []);
  t.deepEqual([timer.looks.length, isAbout(timer.looks.at(-1), 10)], [2, true]);
  t.is((await timer.handle.describe()).typedSearchAttributes.get(searchAttributes.caseState), 'OFF');
});

test.serial('cancelAllAfter workflow: set to an earlier time and told, fires then', async (t) => {
  const timer = await begin(t, 3_600);
  await timer.set(5);
  await timer.handle.signal('changed');
  await timer.handle.result();
  firedOnceAt(t, timer, 5);
});

test.serial('cancelAllAfter workflow: one market alone, says which', async (t) => {
  const timer = await begin(t, 10);
  timer.row.symbol = 'BTC/USDT';
  await timer.handle.signal('changed');
  await until(() => timer.looks.length === 2);
  await until(async () => /orders in BTC\/USDT end at/.test(await timer.details()));
  await timer.handle.result();
  firedOnceAt(t, timer, 10);
});

test.serial('cancelAllAfter workflow: set again while it finds that it is off, goes on', async (t) => {
  const { env } = t.context.lab;
  const timer = await createTimerRow(() => env.currentTimeMs(), 10);
  timer.row.cancelAt = undefined;
  const gate = Promise.withResolvers<unknown>();
  let looking = false;
  const { handle } = await start(t, {
    async lookAtCancelTimer(id) {
      const found = await timer.activities.lookAtCancelTimer(id);
      if (!looking) {
        looking = true;
        await gate.promise;
      }
      return found;
    },
  });
  await until(() => looking);
  timer.row.cancelAt = (await env.currentTimeMs()) + 10_000;
  await handle.signal('changed');
  gate.resolve(undefined);
  await handle.result();
  t.is(timer.fired.length, 1);
});

test.serial('cancelAllAfter workflow: fired and set anew, the same id starts again', async (t) => {
  const timer = await begin(t, 10);
  await timer.handle.result();
  await timer.set(10);
  const again = await t.context.lab.env.client.workflow.start('cancelAllAfter', timer.options);
  await again.result();
  t.is(timer.fired.length, 2);
});

test.serial('cancelAllAfter workflow: the books are away at the deadline, fires when they are back', async (t) => {
  const { env } = t.context.lab;
  const timer = await createTimerRow(() => env.currentTimeMs(), 10);
  let calls = 0;
  const { handle } = await start(t, {
    async lookAtCancelTimer(id) {
      calls += 1;
      if (calls > 1 && calls < 8) throw new Error('connect ECONNREFUSED 10.0.0.7');
      return timer.activities.lookAtCancelTimer(id);
    },
  });
  await handle.result();
  t.is(timer.fired.length, 1);
  t.true(timer.fired[0]! >= 10 && timer.fired[0]! < 60);
});

test.serial('cancelAllAfter workflow: no such switch, ends after one look', async (t) => {
  let looks = 0;
  const { handle } = await start(t, {
    async lookAtCancelTimer() {
      looks += 1;
      return null;
    },
  });
  await handle.result();
  t.is(looks, 1);
});

test.serial('cancelAllAfter workflow: hundreds of deadlines, goes on in another run', async (t) => {
  const { env } = t.context.lab;
  const timer = await createTimerRow(() => env.currentTimeMs(), 1);
  const { options, handle } = await start(t, {
    async lookAtCancelTimer(id) {
      if (timer.looks.length < 320) timer.row.cancelAt = (await env.currentTimeMs()) + 1_000;
      return timer.activities.lookAtCancelTimer(id);
    },
  });
  await handle.result();
  t.is(timer.fired.length, 1);
  const last = await env.client.workflow.getHandle(options.workflowId).describe();
  t.not(last.runId, handle.firstExecutionRunId);
  t.true(last.historyLength < 1_000, String(last.historyLength));
});
