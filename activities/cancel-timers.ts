import type { CancelTimers } from '../services/trading/cancel-timers.ts';

/** A dead man's switch as its workflow sees it: by id, and fired only when its row says so. */
export const createCancelTimerActivities = (timers: Pick<CancelTimers, 'look'>) => ({
  /** Null when there is no such switch. */
  lookAtCancelTimer: async (timerId: string) => (await timers.look(timerId)) ?? null,
});

export type CancelTimerActivities = ReturnType<typeof createCancelTimerActivities>;
