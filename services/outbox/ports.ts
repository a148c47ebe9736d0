import type { ProcessStart } from '../../domain/processes.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { SignalWithStart, SignalWorkflow } from '../../storage/outbox/outbox.ts';

/** Where events go. Redis Streams now; another log could take their place. */
export interface EventPublisher {
  publish(stream: string, event: EventEnvelope): Promise<unknown>;
}

/** What the relay asks of Temporal. Each call is safe to repeat; a workflow already known or ended counts as told. */
export interface WorkflowStarter {
  start(start: ProcessStart): Promise<void>;
  signal(signal: Omit<SignalWorkflow, 'kind'>): Promise<void>;
  signalWithStart(start: Omit<SignalWithStart, 'kind'>): Promise<void>;
}

export interface UnfinishedPage {
  /** Begin after this input; the start of the list when undefined. */
  readonly after: string | undefined;
  /** Only what was there before: younger ones may still be on their way. */
  readonly createdBefore: Date;
  readonly limit: number;
}

/** Lists what is not final, ordered by input: the relay makes sure that each has a running workflow. */
export type FindUnfinished = (page: UnfinishedPage) => Promise<readonly ProcessStart[]>;
