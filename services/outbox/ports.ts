import type { ProcessStart } from '../../domain/processes.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { SignalWithStart, SignalWorkflow } from '../../storage/outbox/outbox.ts';
import type { ToldEvent } from '../../storage/outbox/told.ts';

/** Where events go. Redis Streams now; another log could take their place. */
export interface EventLog {
  /**
   * Appends an event and answers its place, a number like that of every place, `0-0` at the least. Rejects when this is
   * not confirmed, and when the stream ends before `last`: it has lost what it had.
   */
  append(stream: string, event: EventEnvelope, last: string | undefined): Promise<string>;
  /** The last place that a stream gave. */
  lastPlace(stream: string): Promise<string>;
  /** Puts events back at the places they had, in order; rejects when that is not confirmed for all. */
  restore(stream: string, events: readonly ToldEvent[]): Promise<void>;
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
