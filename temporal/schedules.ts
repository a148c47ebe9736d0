import { createHash } from 'node:crypto';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleHandle,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { type ProcessName, processes } from '../domain/processes.ts';
import { summaryOf } from './names/summaries.ts';

type Definition = Pick<ScheduleOptions, 'spec'> & {
  readonly workflow: ProcessName;
  /** A run that Temporal was away for is made up for when it is back within this time. */
  readonly catchupWindow: '1h' | '12h';
};

/** What runs by the clock, UTC. Each run looks at what there is to do, so that one too many does nothing. */
export const schedules: readonly Definition[] = [
  { workflow: 'maintenance', spec: { intervals: [{ every: '1h', offset: '7m' }] }, catchupWindow: '1h' },
  {
    workflow: 'dayEnd',
    // A few seconds late, since clocks differ; and once more, should the first have come too early or not at all.
    spec: {
      calendars: [
        { hour: 0, minute: 0, second: 5 },
        { hour: 0, minute: 5, second: 0 },
      ],
    },
    catchupWindow: '12h',
  },
  // Each day once, by the day's row; away from the end of the day's work.
  { workflow: 'liabilityProof', spec: { calendars: [{ hour: 1, minute: 0, second: 0 }] }, catchupWindow: '12h' },
  { workflow: 'reconciliation', spec: { calendars: [{ hour: 2, minute: 30 }] }, catchupWindow: '12h' },
];

/**
 * Makes the schedules that are missing and changes those that are defined otherwise now; one that somebody paused stays
 * paused. Safe to repeat and to run twice at once.
 */
export async function setUpSchedules(client: Client, definitions: readonly Definition[] = schedules): Promise<void> {
  for (const definition of definitions) {
    const { scheduleId, ...options } = optionsOf(definition);
    try {
      await client.schedule.create({ scheduleId, ...options });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const handle = client.schedule.getHandle(scheduleId);
      if ((await definitionIn(handle)) === options.action.memo.definition) continue;
      await handle.update(({ state }) => ({ ...options, state }));
    }
  }
}

function optionsOf(definition: Definition) {
  const { workflow, spec, catchupWindow } = definition;
  const { queue, prefix } = processes[workflow];
  return {
    scheduleId: prefix,
    spec,
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    action: {
      type: 'startWorkflow',
      workflowType: workflow,
      // The server appends the time of the run.
      workflowId: prefix,
      taskQueue: queue,
      args: [],
      staticSummary: summaryOf[workflow](''),
      // The server tells a schedule back in a form of its own, so what it was made from is kept beside it.
      memo: { definition: createHash('sha256').update(JSON.stringify(definition)).digest('base64url') },
    },
  } as const;
}

async function definitionIn(handle: ScheduleHandle): Promise<unknown> {
  return (await handle.describe()).action.memo?.['definition'];
}
