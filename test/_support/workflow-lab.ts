import { randomUUID } from 'node:crypto';
import type { DataConverter } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { type TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { silentLogger } from '../../platform/log.ts';
import { loadWorkflowBundle } from '../../temporal/bundle.ts';
import { createActivityInterceptors } from '../../temporal/interceptors/activity.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { createTimeSkipping } from './temporal.ts';

export interface WorkflowLab {
  readonly env: TestWorkflowEnvironment;
  /** Serves all workflows, and these activities, on a task queue of its own (or the one named). */
  serve(activities: object, taskQueue?: string): Promise<ServedQueue>;
  close(): Promise<void>;
}

export interface ServedQueue {
  readonly taskQueue: string;
  stop(): Promise<void>;
}

/**
 * A server where days pass at once, and workers with the interceptors of production. Tests of one file share it and run
 * serially, since its clock is one for all. Time passes only inside `handle.result()` and `env.sleep()`.
 */
export async function openWorkflowLab(dataConverter?: DataConverter): Promise<WorkflowLab> {
  const env = await createTimeSkipping(dataConverter);
  const types = Object.values(searchAttributes).map(
    ({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0] as const,
  );
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(types),
  });
  return {
    env,
    async serve(activities, taskQueue = randomUUID()) {
      const worker = await Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        activities,
        workflowBundle: await loadWorkflowBundle(),
        interceptors: { activity: [createActivityInterceptors(silentLogger)] },
        ...(dataConverter === undefined ? {} : { dataConverter }),
      });
      const running = worker.run();
      return {
        taskQueue,
        stop: async () => {
          worker.shutdown();
          await running;
        },
      };
    },
    close: () => env.teardown(),
  };
}
