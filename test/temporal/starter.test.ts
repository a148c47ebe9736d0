import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { Worker } from '@temporalio/worker';
import type { RegistrationActivities } from '../../activities/registration.ts';
import { type ProcessStart, processStart } from '../../domain/processes.ts';
import type { RegistrationState } from '../../services/identity/registration-steps.ts';
import { loadWorkflowBundle } from '../../temporal/bundle.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { setUpTemporal } from '../../temporal/setup.ts';
import { createWorkflowStarter } from '../../temporal/starter.ts';
import { createTestNamespace, type TestNamespace } from '../_support/temporal.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<{ temporal: TestNamespace }>;

test.before(async (t) => {
  t.context.temporal = await createTestNamespace();
  await setUpTemporal(t.context.temporal);
});
test.after.always((t) => t.context.temporal.close());

/** A registration on a task queue of its own, whose activities say that it is in this state. */
async function prepare(t: ExecutionContext<{ temporal: TestNamespace }>, state: RegistrationState) {
  const { client, connection, namespace } = t.context.temporal;
  const start: ProcessStart = { ...processStart('registration', randomUUID()), queue: randomUUID() as 'identity' };
  const activities: RegistrationActivities = {
    sendRegistrationMail: async () => undefined,
    sendRegistrationReminder: async () => undefined,
    registrationState: async () => state,
    endRegistration: async () => 'gone',
  };
  const work = async (): Promise<void> => {
    const workflowBundle = await loadWorkflowBundle();
    const worker = await Worker.create({ connection, namespace, taskQueue: start.queue, workflowBundle, activities });
    const running = worker.run();
    t.teardown(async () => {
      worker.shutdown();
      await running;
    });
  };
  const handle = client.workflow.getHandle(start.workflowId);
  return {
    start,
    work,
    handle,
    starter: createWorkflowStarter(client),
    runId: async () => (await handle.describe()).runId,
  };
}

test('start: the workflow runs already, nothing happens', async (t) => {
  const { start, starter, runId, handle } = await prepare(t, 'waiting');
  await starter.start(start);
  const first = await runId();
  await starter.start(start);
  t.is(await runId(), first);
  t.is(await handle.describe().then(({ staticSummary }) => staticSummary()), `Registration of user ${start.input}`);
});

test('start: the workflow ended well, it is not started again', async (t) => {
  const { start, work, starter, runId, handle } = await prepare(t, 'verified');
  await starter.start(start);
  const first = await runId();
  await work();
  await starter.signal({ workflowId: start.workflowId, signal: 'verified' });
  await handle.result();
  await starter.start(start);
  t.is(await runId(), first);
  const { typedSearchAttributes } = await handle.describe();
  t.is(typedSearchAttributes.get(searchAttributes.userId), start.input);
});

test('start: the workflow failed, it is started anew', async (t) => {
  const { start, starter, runId, handle } = await prepare(t, 'waiting');
  await starter.start(start);
  const first = await runId();
  await handle.terminate('a bug');
  await starter.start(start);
  t.not(await runId(), first);
});

test('signal: the workflow ended or never was, nothing happens', async (t) => {
  const { start, starter, handle } = await prepare(t, 'waiting');
  await t.notThrowsAsync(starter.signal({ workflowId: start.workflowId, signal: 'verified' }));
  await starter.start(start);
  await handle.terminate();
  await t.notThrowsAsync(starter.signal({ workflowId: start.workflowId, signal: 'verified' }));
});

test('signalWithStart: not running, started and signalled; ended well, nothing happens', async (t) => {
  const { start, work, starter, runId, handle } = await prepare(t, 'verified');
  await starter.signalWithStart({ ...start, signal: 'verified' });
  const first = await runId();
  await work();
  await handle.result();
  await starter.signalWithStart({ ...start, signal: 'verified' });
  t.is(await runId(), first);
});

test('setUpTemporal: run again, leaves what is there and every search attribute can be used', async (t) => {
  const { address, namespace, client } = t.context.temporal;
  await setUpTemporal({ address, namespace });
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  t.deepEqual(
    Object.keys(customAttributes)
      .filter((name) => Object.values(searchAttributes).some((known) => known.name === name))
      .sort(),
    ['AmountQuote', 'Asset', 'CaseState', 'Due', 'Officer', 'RiskScore', 'Symbol', 'UserId'],
  );
  const query = `UserId = '${randomUUID()}' AND RiskScore > 5 AND AmountQuote > 0.5 AND Due < '2026-01-01T00:00:00Z'`;
  await until(async () => (await client.workflow.count(query)).count === 0);
});

test('setUpTemporal: a namespace that is missing, is made', async (t) => {
  const namespace = `made-${randomUUID()}`;
  await setUpTemporal({ address: t.context.temporal.address, namespace, retentionDays: 7 });
  const { config } = await t.context.temporal.client.workflowService.describeNamespace({ namespace });
  t.is(Number(config?.workflowExecutionRetentionTtl?.seconds), 7 * 86_400);
});
