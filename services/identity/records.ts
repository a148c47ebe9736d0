import type { Origin } from '../../domain/origin.ts';
import type { NewId } from '../../platform/ids.ts';
import { addAudit, type AuditRow } from '../../storage/audit/audit.ts';
import type { Db } from '../../storage/db.ts';
import { addToOutbox, type OutboxEntry } from '../../storage/outbox/outbox.ts';

/** What others are told about a user. */
export interface UserEvent {
  /** Whom it is about. */
  readonly userId: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Something that happened: one line of the audit log, and an event when others should know. */
export interface Happening {
  /** Who did it. */
  readonly userId?: string | undefined;
  readonly actor?: AuditRow['actor'];
  readonly action: string;
  readonly resource: string;
  readonly resourceId: string;
  readonly result?: AuditRow['result'];
  /** No personal data and no secret: the audit log keeps it for years. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly event?: UserEvent;
  readonly origin: Origin;
  readonly at: Date;
}

/** Writes a happening, in the transaction that makes it true; `tellings` are told after the event. */
export type Recorder = (tx: Db, happening: Happening, tellings?: readonly OutboxEntry[]) => Promise<void>;

/** The stream of all that happens to users. */
export const userStream = 'user-service:events';

/** Entries about one user are told in order. */
export const userAggregate = (userId: string): string => `user:${userId}`;

export function createRecorder({ newId }: { readonly newId: NewId }): Recorder {
  return async (tx, { event, ...happening }, tellings = []) => {
    const { actor = 'user', result = 'done', origin, at, ...what } = happening;
    await addAudit(tx, [{ ...origin, ...what, id: newId(), at, actor, result }]);
    const events = event === undefined ? [] : [tellOfUser(newId(), event, origin, at)];
    await addToOutbox(tx, [...events, ...tellings], at);
  };
}

/** An event about a user that belongs to no line of the audit log. */
export const tellOfUser = (
  id: string,
  { userId, type, payload }: UserEvent,
  origin: Origin,
  at: Date,
): OutboxEntry => ({
  aggregate: userAggregate(userId),
  kind: 'event',
  stream: userStream,
  event: {
    id,
    type,
    version: 1,
    timestamp: at.toISOString(),
    trace_id: origin.traceId,
    user_id: userId,
    payload,
    metadata: {
      source: 'user-service',
      ...(origin.ipAddress !== undefined && { ip_address: origin.ipAddress }),
      ...(origin.userAgent !== undefined && { user_agent: origin.userAgent }),
    },
  },
});
