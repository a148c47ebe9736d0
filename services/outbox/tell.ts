import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { FailedEntry, Telling, ToldEntry, WaitingEntry } from '../../storage/outbox/outbox.ts';
import type { WorkflowStarter } from './ports.ts';

export interface TellDeps {
  /** Appends an event to its stream and answers its place there. */
  readonly publish: (stream: string, event: EventEnvelope) => Promise<string>;
  readonly workflows: WorkflowStarter;
}

export interface Told {
  readonly told: readonly (WaitingEntry & ToldEntry)[];
  readonly failed: readonly (WaitingEntry & { readonly cause: unknown })[];
}

/**
 * Aggregates served at once. Redis commands of different aggregates share a round trip; starts do not swamp Temporal.
 */
const lanes = 32;

/**
 * Tells each entry, in order within an aggregate and side by side between them. After a failure the rest of that
 * aggregate is left for later, and appears in neither list.
 */
export async function tellEntries(deps: TellDeps, entries: readonly WaitingEntry[]): Promise<Told> {
  const told: (WaitingEntry & ToldEntry)[] = [];
  const failed: (WaitingEntry & { cause: unknown })[] = [];
  const groups = Map.groupBy(entries, ({ aggregate }) => aggregate).values();

  async function serve(): Promise<void> {
    // Lanes share one iterator: each takes the next aggregate as soon as it has finished one.
    for (const group of groups) {
      for (const entry of group) {
        try {
          told.push({ ...entry, place: await tell(deps, entry.telling) });
        } catch (cause) {
          failed.push({ ...entry, cause });
          break;
        }
      }
    }
  }

  await Promise.all(Array.from({ length: lanes }, serve));
  return { told, failed };
}

/** Answers the place of an event. */
async function tell({ publish, workflows }: TellDeps, telling: Telling): Promise<string | undefined> {
  switch (telling.kind) {
    case 'event':
      return publish(telling.stream, telling.event);
    case 'start':
      await workflows.start(telling);
      break;
    case 'signal':
      await workflows.signal(telling);
      break;
    case 'signal_with_start':
      await workflows.signalWithStart(telling);
  }
  return undefined;
}

const firstDelayMs = 250;
/** Whatever was away is tried again within the 30 s in which service must return. */
const longestDelayMs = 15_000;

/** When to try again, doubling from a quarter second, and the reason as far as it may be kept. */
export function putOff(entry: WaitingEntry, cause: unknown, now: Date): FailedEntry {
  const delayMs = Math.min(firstDelayMs * 2 ** Math.min(entry.attempts, 10), longestDelayMs);
  return { seq: entry.seq, dueAt: new Date(now.getTime() + delayMs), error: describe(cause).slice(0, 500) };
}

/** A client's error often says only what was tried; its cause says why that failed. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const why = error.cause === undefined ? '' : `, because ${describe(error.cause)}`;
  return `${error.name}: ${error.message}${why}`;
}
