import type { ProcessSignal, ProcessStart } from '../../domain/processes.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export interface PublishEvent {
  readonly kind: 'event';
  readonly stream: string;
  readonly event: EventEnvelope;
  /** It says where to look and carries no fact: it is not kept, nor told again when Redis has lost it. */
  readonly hint?: true;
}

export interface StartWorkflow extends ProcessStart {
  readonly kind: 'start';
}

export interface SignalWorkflow {
  readonly kind: 'signal';
  readonly workflowId: string;
  readonly signal: ProcessSignal;
}

/** Signals the workflow, and starts it first when it is not running. */
export interface SignalWithStart extends ProcessStart {
  readonly kind: 'signal_with_start';
  readonly signal: ProcessSignal;
}

/** Something to be told once the transaction it was written in has committed. */
export type Telling = PublishEvent | StartWorkflow | SignalWorkflow | SignalWithStart;

/**
 * `aggregate` names what the entry is about (`user:{id}`). Its events are published in order, and so are the starts and
 * signals about it; between the two sorts there is no order.
 */
export type OutboxEntry = Telling & { readonly aggregate: string };

export interface WaitingEntry {
  readonly seq: string;
  readonly aggregate: string;
  readonly telling: Telling;
  /** How often telling it has failed. */
  readonly attempts: number;
}

export interface FailedEntry {
  readonly seq: string;
  readonly dueAt: Date;
  readonly error: string;
}

interface EntryRow {
  readonly seq: string;
  readonly aggregate: string;
  readonly kind: Telling['kind'];
  readonly payload: object;
  readonly attempts: number;
}

const sql = {
  addEntries: sqlFile('add-entries.sql', import.meta.url),
  takeDue: sqlFile('take-due.sql', import.meta.url),
  removeTold: sqlFile('remove-told.sql', import.meta.url),
  putOff: sqlFile('put-off.sql', import.meta.url),
  backlog: sqlFile('backlog.sql', import.meta.url),
};

/**
 * Adds entries in one statement, in the caller's transaction: they are told if and only if it commits. `at` is now.
 * Payloads must hold no secret: they stand in the clear here and, as events, in Redis.
 */
export async function addToOutbox(db: Db, entries: readonly OutboxEntry[], at: Date): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ aggregate, kind, ...payload }) => ({ aggregate, kind, payload }));
  await db.none(sql.addEntries, { entries: JSON.stringify(rows), at });
}

/** Events go to the streams, all else to Temporal: when one of the two is away, entries for the other go on. */
export type Destination = 'streams' | 'workflows';

/** The oldest entries for a destination that may be told now, in order; see take-due.sql. */
export async function takeDueEntries(
  db: Db,
  { to, at, limit }: { readonly to: Destination; readonly at: Date; readonly limit: number },
): Promise<readonly WaitingEntry[]> {
  const rows = await db.manyOrNone<EntryRow>(sql.takeDue, { events: to === 'streams', at, limit });
  return rows.map(({ seq, aggregate, kind, payload, attempts }) => ({
    seq,
    aggregate,
    attempts,
    // Written by addToOutbox and by nobody else, and `kind` is held by a constraint.
    telling: { kind, ...payload } as Telling,
  }));
}

export interface ToldEntry {
  readonly seq: string;
  /** Of an event: its id in its stream. */
  readonly place: string | undefined;
}

/** Removes entries that have been told; events that carry facts are kept beside. Safe to repeat. */
export async function removeToldEntries(db: Db, told: readonly ToldEntry[], at: Date): Promise<void> {
  if (told.length === 0) return;
  const [seqs, places] = [told.map(({ seq }) => seq), told.map(({ place = '' }) => place)];
  await db.none(sql.removeTold, { seqs, places, at });
}

/** Makes entries that could not be told wait until `dueAt`. */
export async function putOffEntries(db: Db, failed: readonly FailedEntry[]): Promise<void> {
  if (failed.length === 0) return;
  await db.none(sql.putOff, {
    seqs: failed.map(({ seq }) => seq),
    dueAt: failed.map(({ dueAt }) => dueAt),
    errors: failed.map(({ error }) => error),
  });
}

/** How many entries wait, and since when the oldest does. */
export async function outboxBacklog(db: Db): Promise<{ readonly waiting: number; readonly oldest: Date | null }> {
  return db.one<{ waiting: number; oldest: Date | null }>(sql.backlog);
}
