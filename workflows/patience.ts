import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { DeskDeadlines } from '../domain/compliance/desk.ts';
import type { Desk } from './desk.ts';

/** What is done when time runs out. */
interface Steps {
  readonly remind: (id: string) => Promise<unknown>;
  readonly escalate: (id: string) => Promise<unknown>;
  readonly expire: (id: string) => Promise<unknown>;
}

/** Ways to wait: nothing is done because time passed alone, the caller always looks again. */
export interface Patience {
  /** Until something was committed, or the time has come and it is expired. */
  untilExpired(time: string): Promise<void>;
  /** The same while officers are asked: they are reminded once, and told once that it is overdue. */
  awaitOfficers(deadlines: DeskDeadlines): Promise<void>;
}

export function createPatience(
  id: string,
  desk: Pick<Desk<never>, 'changed' | 'told' | 'once'>,
  { remind, escalate, expire }: Steps,
): Patience {
  /** Returns as soon as something was committed, or at the time; the caller looks again in any case. */
  async function untilTime(time: string, then: () => Promise<unknown>): Promise<void> {
    const left = Math.max(1_000, Date.parse(time) - Date.now());
    if (await condition(() => desk.changed, left)) return;
    // A decision accepted in time counts, however long its proof takes.
    await condition(allHandlersFinished);
    if (!desk.changed) await then();
  }

  const untilExpired = (time: string): Promise<void> => untilTime(time, () => expire(id));

  return {
    untilExpired,
    async awaitOfficers({ remindAt, dueAt, approveBy }) {
      const { told, once } = desk;
      if (remindAt !== undefined && !told.has('reminder')) return untilTime(remindAt, () => once('reminder', remind));
      if (dueAt !== undefined && !told.has('overdue')) return untilTime(dueAt, () => once('overdue', escalate));
      if (approveBy !== undefined) await untilExpired(approveBy);
    },
  };
}
