import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { ProcessSignal, ProcessStart } from '../domain/processes.ts';
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

function startOptions({ workflow, workflowId, queue, input }: ProcessStart): WorkflowStartOptions & { args: [string] } {
  return {
    workflowId,
    taskQueue: queue,
    args: [input],
    staticSummary: summaryOf[workflow](input),
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    // A market's settlement never ends for good; anything else that ended well is done.
    workflowIdReusePolicy:
      workflow === 'settlement'
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
        : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  };
}

function ignoreAlreadyStarted(error: unknown): void {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
}
