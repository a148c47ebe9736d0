import { hash } from 'node:crypto';
import type { DeskDeadlines } from '../../domain/compliance/desk.ts';

/** A short name of the facts a decision rests on; it changes when any of them does. */
export const revisionOf = (facts: readonly unknown[]): string => hash('sha256', JSON.stringify(facts)).slice(0, 12);

/** How long officers have, from when something came before them. */
export interface DeskTimes {
  readonly reminderAfterMs: number;
  readonly escalateAfterMs: number;
  readonly approveWithinMs: number;
}

export function deadlinesSince(since: Date, times: DeskTimes): Required<DeskDeadlines> {
  const after = (ms: number): string => new Date(since.getTime() + ms).toISOString();
  return {
    remindAt: after(times.reminderAfterMs),
    dueAt: after(times.escalateAfterMs),
    approveBy: after(times.approveWithinMs),
  };
}
