import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import {
  ActivityFailure,
  ApplicationFailure,
  type WorkflowFailedError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailureCategory } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DomainError } from '../../domain/errors.ts';
import { type Logger, silentLogger } from '../../platform/log.ts';
import { createActivityInterceptors } from '../../temporal/interceptors/activity.ts';
import { createTestNamespace, type TestNamespace } from '../_support/temporal.ts';
import { askUpdate, type SampleActivities, type Where } from './sample/workflow.ts';

const test = anyTest as TestFn<{ temporal: TestNamespace; worker: Worker; running: Promise<void>; logged: object[] }>;

const taskQueue = 'sample';
const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function createActivities(): SampleActivities {
  let calls = 0;
  return {
    refuse: async () => {
      throw new DomainError('INSUFFICIENT_FUNDS', 'The available balance is too small.', { asset: 'BTC' });
    },
    fail: async () => {
      throw new Error('password=hunter2 for alice@example.com');
    },
    recover: async () => {
      calls += 1;
      if (calls === 1) throw new DomainError('UNAVAILABLE', 'Try again shortly.');
      return `after ${calls} calls`;
    },
  };
}

test.before(async (t) => {
  const temporal = await createTestNamespace();
  const logged: object[] = [];
  const log: Logger = { ...silentLogger, error: (fields) => logged.push(fields) };
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue,
    workflowsPath: pathOf('sample/workflow.ts'),
    activities: createActivities(),
    interceptors: {
      activity: [createActivityInterceptors(log)],
      workflowModules: [pathOf('../../temporal/interceptors/workflow.ts')],
    },
  });
  t.context = { temporal, worker, logged, running: worker.run() };
});
test.after.always(async (t) => {
  t.context.worker.shutdown();
  await t.context.running;
  await t.context.temporal.close();
});

type Context = ExecutionContext<{ temporal: TestNamespace; logged: object[] }>;

const begin = (t: Context, where: string) =>
  t.context.temporal.client.workflow.start('sample', { taskQueue, workflowId: randomUUID(), args: [where] });

async function causeOf(t: Context, result: Promise<unknown>): Promise<ApplicationFailure> {
  const { cause } = await t.throwsAsync<WorkflowFailedError>(result);
  const deepest = cause instanceof ActivityFailure ? cause.cause : cause;
  t.true(deepest instanceof ApplicationFailure);
  return deepest as ApplicationFailure;
}

test('activity interceptor: a refusal, arrives as its code with its details and is tried once', async (t) => {
  const handle = await begin(t, 'activity');
  const failure = await causeOf(t, handle.result());
  t.is(failure.type, 'INSUFFICIENT_FUNDS');
  t.is(failure.message, 'The available balance is too small.');
  t.deepEqual(failure.details, [{ asset: 'BTC' }]);
  t.true(failure.nonRetryable);
  t.is(failure.category, ApplicationFailureCategory.BENIGN);
  const { events } = await handle.fetchHistory();
  const attempts = events?.map(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? 0) ?? [];
  t.is(Math.max(...attempts), 1);
  t.notRegex(JSON.stringify(events), /interceptors\.test\.ts/);
});

test('activity interceptor: a fault, shows a trace id only, is retried, and the log has the rest', async (t) => {
  const handle = await begin(t, 'fault');
  const failure = await causeOf(t, handle.result());
  t.is(failure.type, 'FAULT');
  const [, traceId] = /^FAULT, trace ([0-9a-f]{32})$/.exec(failure.message) ?? [];
  const { events } = await handle.fetchHistory();
  t.notRegex(JSON.stringify(events), /hunter2|alice|interceptors\.test\.ts/);
  const line = t.context.logged.find((fields) => 'trace_id' in fields && fields.trace_id === traceId) as { err: Error };
  t.regex(line.err.message, /hunter2/);
  t.is((line as { attempt?: number }).attempt, 2);
});

test('activity interceptor: unavailable at first, tried again', async (t) => {
  t.is(await (await begin(t, 'recovering')).result(), 'after 2 calls');
});

test('workflow interceptor: a refusal in the main function, fails the workflow with its code', async (t) => {
  const failure = await causeOf(t, (await begin(t, 'main')).result());
  t.is(failure.type, 'KYC_NOT_POSSIBLE');
  t.deepEqual(failure.details, [{ case_id: '1' }]);
});

test('workflow interceptor: refusals around an update, the caller reads each and the workflow goes on', async (t) => {
  const handle = await begin(t, 'updates');
  const ask = async (where: Where): Promise<ApplicationFailure> => {
    const error = await t.throwsAsync(handle.executeUpdate(askUpdate, { args: [where] }), {
      instanceOf: WorkflowUpdateFailedError,
    });
    return error.cause as ApplicationFailure;
  };
  const answers = [await ask('validator'), await ask('handler'), await ask('activity')];
  t.deepEqual(
    answers.map(({ type, message }) => [type, message]),
    [
      ['INVALID_DECISION', 'Give a reason.'],
      ['DECISION_CLOSED', 'It is decided already.'],
      ['INSUFFICIENT_FUNDS', 'The available balance is too small.'],
    ],
  );
  t.regex((await ask('fault')).message, /^FAULT, trace/);
  t.is(await handle.result(), 'fine');
});
