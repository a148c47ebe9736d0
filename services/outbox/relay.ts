import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import { createBell, pause } from '../../platform/wait.ts';
import type { Database } from '../../storage/db.ts';
import {
  type Destination,
  outboxBacklog,
  putOffEntries,
  removeToldEntries,
  takeDueEntries,
} from '../../storage/outbox/outbox.ts';
import { runLeased } from '../leased.ts';
import { createContinuity } from './continuity.ts';
import type { EventLog, FindUnfinished, WorkflowStarter } from './ports.ts';
import { putOff, tellEntries } from './tell.ts';

export interface RelayDeps {
  readonly events: EventLog;
  readonly workflows: WorkflowStarter;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Names this process among those that may hold the relay's lease. */
  readonly holder: string;
  /** What must have a running workflow until it is final; see `FindUnfinished`. */
  readonly findUnfinished: readonly FindUnfinished[];
  readonly pollMs?: number;
}

export interface Relay {
  /** Says that something was just committed: it is told now instead of at the next poll. */
  kick(): void;
  /** Lets what is being told finish, and gives the lease back. */
  stop(): Promise<void>;
}

const batchSize = 500;
const sweepPageSize = 100;
const retryMs = 1_000;
const reportEveryMs = 1_000;
const sweepEveryMs = 10_000;
const unfinishedAfterMs = 60_000;

/**
 * Starts telling the outbox: events to the streams, starts and signals to Temporal, at least once, in order per
 * aggregate. One process at a time does it, by lease. It also tells events again that a stream has lost, and makes sure
 * that whatever is not final after a minute has its workflow.
 */
export function createRelay(deps: RelayDeps): Relay {
  const { db, clock, log, workflows, pollMs = 250 } = deps;
  const bells = { streams: createBell(), workflows: createBell() };
  const gauges = createGauges(deps.metrics);
  const continuity = createContinuity({ ...deps, onRestored: (events) => gauges.restored.inc(events) });

  /** Answers whether there may be more. */
  async function tellDue(to: Destination): Promise<boolean> {
    if (to === 'streams') await continuity.restore();
    const entries = await takeDueEntries(db, { to, at: clock(), limit: batchSize });
    const { told, failed } = await tellEntries({ publish: continuity.publish, workflows }, entries);
    const later = failed.map((entry) => putOff(entry, entry.cause, clock()));
    await removeToldEntries(db, told, clock());
    continuity.note(told);
    await putOffEntries(db, later);
    for (const { telling } of told) gauges.told.inc({ kind: telling.kind });
    for (const { telling, aggregate, attempts, cause } of failed) {
      gauges.failed.inc({ kind: telling.kind });
      log.warn({ err: cause, aggregate, kind: telling.kind, attempts: attempts + 1 }, 'Could not tell an outbox entry');
    }
    return entries.length === batchSize;
  }

  async function reportBacklog(): Promise<boolean> {
    const { waiting, oldest } = await outboxBacklog(db);
    gauges.waiting.set(waiting);
    gauges.age.set(oldest === null ? 0 : Math.max(0, clock().getTime() - oldest.getTime()) / 1_000);
    return false;
  }

  async function work(held: AbortSignal): Promise<void> {
    await continuity.begin();
    const tell = (to: Destination): Promise<void> =>
      repeat({ held, log, step: () => tellDue(to), wait: () => bells[to].wait(pollMs, held) });
    await Promise.all([
      tell('streams'),
      tell('workflows'),
      repeat({ held, log, step: createSweep(deps), wait: () => pause(sweepEveryMs, held) }),
      repeat({ held, log, step: reportBacklog, wait: () => pause(reportEveryMs, held) }),
    ]);
    // Only the active relay's figures mean something.
    gauges.waiting.set(0);
    gauges.age.set(0);
  }

  const leased = runLeased({ db, log, lease: { name: 'relay', holder: deps.holder } }, work);
  return {
    kick: () => {
      bells.streams.ring();
      bells.workflows.ring();
    },
    stop: () => leased.stop(),
  };
}

interface Repeated {
  readonly held: AbortSignal;
  readonly log: Logger;
  /** Answers whether to go on at once. */
  readonly step: () => Promise<boolean>;
  readonly wait: () => Promise<void>;
}

async function repeat({ held, log, step, wait }: Repeated): Promise<void> {
  while (!held.aborted) {
    try {
      if (await step()) continue;
    } catch (err) {
      log.warn({ err, component: 'relay' }, 'A relay step failed; it is repeated');
      await pause(retryMs, held);
    }
    await wait();
  }
}

/**
 * One page of unfinished things at a time, round and round: slow enough for Temporal, and it finds what an outbox row
 * cannot: a workflow that the server has forgotten. Starting one that runs changes nothing.
 */
function createSweep({ findUnfinished, workflows, clock, log }: RelayDeps): () => Promise<boolean> {
  const after: (string | undefined)[] = findUnfinished.map(() => undefined);
  return async () => {
    const createdBefore = new Date(clock().getTime() - unfinishedAfterMs);
    for (const [index, find] of findUnfinished.entries()) {
      const starts = await find({ after: after[index], createdBefore, limit: sweepPageSize });
      for (const start of starts) {
        await workflows.start(start).catch((err: unknown) => {
          log.warn({ err, workflow_id: start.workflowId }, 'Could not make sure that a workflow runs');
        });
      }
      after[index] = starts.length < sweepPageSize ? undefined : starts.at(-1)?.input;
    }
    return false;
  };
}

const createGauges = (metrics: Metrics) => ({
  told: metrics.counter('outbox_told_total', 'Outbox entries told', ['kind']),
  failed: metrics.counter('outbox_failed_total', 'Attempts to tell an outbox entry that failed', ['kind']),
  restored: metrics.counter('outbox_restored_total', 'Events told again since their stream had lost them'),
  waiting: metrics.gauge('outbox_waiting', 'Outbox entries waiting to be told'),
  age: metrics.gauge('outbox_oldest_age_seconds', 'Age of the oldest waiting outbox entry'),
});
