import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { ProcessName, ProcessSignal, ProcessStart } from '../domain/processes.ts';
import { summaryOf } from './names/summaries.ts';

const callTimeoutMs = 5_000;

/**
 * Starts and signals processes. Every call may be repeated: one that runs, or has ended well, is not started again,
 * and a signal to one that is over has nothing left to do. Throws only when Temporal could not be asked.
 */
export function createWorkflowStarter(client: Client) {
  const inTime = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + callTimeoutMs, call);

  return {
    async start(start: ProcessStart): Promise<void> {
      await inTime(() => client.workflow.start(start.workflow, startOptions(start))).catch(ignoreAlreadyStarted);
    },
    async signal({
      workflowId,
      signal,
    }: {
      readonly workflowId: string;
      readonly signal: ProcessSignal;
    }): Promise<void> {
      await inTime(() => client.workflow.getHandle(workflowId).signal(signal)).catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
    },
    async signalWithStart(start: ProcessStart & { readonly signal: ProcessSignal }): Promise<void> {
      const options = { ...startOptions(start), signal: start.signal, signalArgs: [] };
      await inTime(() => client.workflow.signalWithStart(start.workflow, options)).catch(ignoreAlreadyStarted);
    },
  };
}

/** What never ends for good: a market's settlement, a switch that may be set again. Else what ended well is done. */
const lastingly: ReadonlySet<ProcessName> = new Set<ProcessName>(['settlement', 'cancelAllAfter']);

function startOptions({ workflow, workflowId, queue, input }: ProcessStart): WorkflowStartOptions & { args: [string] } {
  return {
    workflowId,
    taskQueue: queue,
    args: [input],
    staticSummary: summaryOf[workflow](input),
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: lastingly.has(workflow)
      ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
      : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  };
}

function ignoreAlreadyStarted(error: unknown): void {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
}
