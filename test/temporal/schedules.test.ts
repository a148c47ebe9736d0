import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { OperationsActivities } from '../../activities/operations.ts';
import { processes } from '../../domain/processes.ts';
import { loadWorkflowBundle } from '../../temporal/bundle.ts';
import { schedules, setUpSchedules } from '../../temporal/schedules.ts';
import { setUpTemporal } from '../../temporal/setup.ts';
import { createTestNamespace, type TestNamespace } from '../_support/temporal.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<{ temporal: TestNamespace }>;

test.before(async (t) => {
  t.context.temporal = await createTestNamespace();
  await setUpTemporal(t.context.temporal);
});
test.after.always((t) => t.context.temporal.close());

test('schedules: set up again and by two at once, stay as they were', async (t) => {
  const { client } = t.context.temporal;
  const describe = () =>
    Promise.all(schedules.map(({ workflow }) => client.schedule.getHandle(processes[workflow].prefix).describe()));
  const before = await describe();
  await Promise.all([setUpTemporal(t.context.temporal), setUpTemporal(t.context.temporal)]);
  for (const [index, now] of (await describe()).entries()) {
    t.is(now.info.lastUpdatedAt, undefined);
    t.deepEqual(now.info.createdAt, before[index]?.info.createdAt);
    t.like(now, { policies: { overlap: ScheduleOverlapPolicy.SKIP }, state: { paused: false } });
    t.is(now.action.taskQueue, 'operations');
  }
});

test('schedules: the next runs, are each hour, shortly after midnight twice, and at one', async (t) => {
  const { client } = t.context.temporal;
  const nextOf = async (id: string) => (await client.schedule.getHandle(id).describe()).info.nextActionTimes;
  const times = (dates: readonly Date[]) => [...new Set(dates.map((at) => at.toISOString().slice(11)))].sort();
  t.deepEqual(times(await nextOf('day-end')), ['00:00:05.000Z', '00:05:00.000Z']);
  t.deepEqual(times(await nextOf('liability-proof')), ['01:00:00.000Z']);
  t.deepEqual([...new Set((await nextOf('maintenance')).map((at) => at.toISOString().slice(14)))], ['07:00.000Z']);
});

test('schedules: one is defined otherwise now, it is changed once and stays paused', async (t) => {
  const { address } = t.context.temporal;
  const own = await createTestNamespace(address);
  t.teardown(own.close);
  const [maintenance] = schedules;
  await setUpSchedules(own.client, [maintenance!]);
  const handle = own.client.schedule.getHandle('maintenance');
  await handle.pause('a person looks into something');
  const changed = { ...maintenance!, spec: { intervals: [{ every: '2h' as const }] } };
  await setUpSchedules(own.client, [changed]);
  const after = await handle.describe();
  t.deepEqual(
    after.spec.intervals?.map(({ every }) => every),
    [7_200_000],
  );
  t.like(after.state, { paused: true, note: 'a person looks into something' });
  await setUpSchedules(own.client, [changed]);
  t.deepEqual((await handle.describe()).info.lastUpdatedAt, after.info.lastUpdatedAt);
});

test('schedules: triggered, each runs its workflow, which calls its activity', async (t) => {
  const { client, connection, namespace } = t.context.temporal;
  const called: string[] = [];
  const activities: OperationsActivities = {
    keepPartitions: async () => {
      called.push('keepPartitions');
      return { made: 3, archived: 0, strays: 0 };
    },
    expireDayOrders: async () => {
      called.push('expireDayOrders');
      return 2;
    },
    publishLiabilities: async () => {
      called.push('publishLiabilities');
      return { snapshotId: undefined, assets: 0 };
    },
    wantFullCheck: async () => void called.push('wantFullCheck'),
  };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: 'operations',
    workflowBundle: await loadWorkflowBundle(),
    activities,
    identity: randomUUID(),
  });
  const running = worker.run();
  t.teardown(async () => {
    worker.shutdown();
    await running;
  });
  for (const [id, activity] of [
    ['maintenance', 'keepPartitions'],
    ['day-end', 'expireDayOrders'],
    ['liability-proof', 'publishLiabilities'],
    ['reconciliation', 'wantFullCheck'],
  ] as const) {
    const handle = client.schedule.getHandle(id);
    await handle.trigger();
    await until(() => called.includes(activity), 30_000);
    const [started] = (await handle.describe()).info.recentActions;
    t.regex(started?.action.workflow.workflowId ?? '', new RegExp(`^${id}-`));
    await client.workflow.getHandle(started?.action.workflow.workflowId ?? '').result();
  }
});
