import type { Clock } from '../../platform/clock.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { Database, Db } from '../../storage/db.ts';
import { noteHandled, wasHandled } from '../../storage/inbox/inbox.ts';

export interface InboxDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Whose inbox: events are counted once for each consumer. */
  readonly consumer: string;
}

/** Makes the effect of an event happen once, however often the event comes. */
export interface Inbox {
  /** Runs `effect` in the transaction that notes the event. Does nothing when it is noted already. */
  once(event: Pick<EventEnvelope, 'id'>, effect: (tx: Db) => Promise<void>): Promise<void>;
  /**
   * For an effect that no transaction holds, such as a mail: notes the event once `effect` is done. Ended in between,
   * the effect happens again, so it must name itself by the event.
   */
  onceOutside(event: Pick<EventEnvelope, 'id'>, effect: () => Promise<void>): Promise<void>;
}

/** A consumer's inbox, kept for a month. */
export function createInbox({ db, clock, consumer }: InboxDeps): Inbox {
  return {
    async once({ id: eventId }, effect) {
      await db.tx('inbox', async (tx) => {
        if (await noteHandled(tx, { consumer, eventId }, clock())) await effect(tx);
      });
    },
    async onceOutside({ id: eventId }, effect) {
      if (await wasHandled(db, { consumer, eventId })) return;
      await effect();
      await noteHandled(db, { consumer, eventId }, clock());
    },
  };
}
