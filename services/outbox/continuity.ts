import type { Logger } from '../../platform/log.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import { compareStreamIds } from '../../platform/streams/stream-ids.ts';
import type { Database } from '../../storage/db.ts';
import type { ToldEntry, WaitingEntry } from '../../storage/outbox/outbox.ts';
import { lastToldPlaces, newestToldAfter } from '../../storage/outbox/told.ts';
import type { EventLog } from './ports.ts';

export interface ContinuityDeps {
  readonly db: Database;
  readonly events: EventLog;
  readonly log: Logger;
  readonly onRestored: (events: number) => void;
}

/** Sees to it that the streams hold what was told, whatever Redis loses. */
export interface Continuity {
  /** Learns what was told last, whoever did it. To be called before the rest. */
  begin(): Promise<void>;
  /** Puts back what the streams have lost, before anything else is told. Rejects while they cannot be reached. */
  restore(): Promise<void>;
  publish(stream: string, event: EventEnvelope): Promise<string>;
  /** These are told, and kept. */
  note(told: readonly (WaitingEntry & ToldEntry)[]): void;
}

/** As many events as a stream holds: older ones would be trimmed away at once. */
const mostRestored = 10_000;

/**
 * A stream that ends before the last place it gave has lost its end: Redis was emptied, or came back without its last
 * second. What it lost is in `outbox.told` and goes back to the places it had. The log itself refuses to append to such
 * a stream, so that nothing comes before what is missing.
 */
export function createContinuity({ db, events, log, onRestored }: ContinuityDeps): Continuity {
  let last = new Map<string, string>();

  return {
    async begin() {
      last = new Map(await lastToldPlaces(db));
    },
    async restore() {
      for (const [stream, expected] of last) {
        const after = await events.lastPlace(stream);
        if (compareStreamIds(after, expected) >= 0) continue;
        const lost = await newestToldAfter(db, { stream, after, limit: mostRestored });
        log.error({ stream, count: lost.length, component: 'relay' }, 'A stream has lost events; they are told again');
        await events.restore(stream, lost);
        onRestored(lost.length);
      }
    },
    publish: (stream, event) => events.append(stream, event, last.get(stream)),
    note(told) {
      for (const { telling, place } of told) {
        if (telling.kind !== 'event' || telling.hint === true || place === undefined) continue;
        const before = last.get(telling.stream) ?? '0-0';
        if (compareStreamIds(place, before) > 0) last.set(telling.stream, place);
      }
    },
  };
}
