import type { CancelTimerActivities } from '../../activities/cancel-timers.ts';
import type { TimerView } from '../../services/trading/cancel-timers.ts';

export interface TimerRow {
  symbol: string | null;
  /** The workflow server's time, in milliseconds; undefined: it is off. */
  cancelAt: number | undefined;
}

/** A switch whose row is a variable. `now` is the workflow server's clock, in milliseconds. */
export async function createTimerRow(now: () => Promise<number>, seconds: number) {
  const begun = await now();
  const row: TimerRow = { symbol: null, cancelAt: begun + seconds * 1_000 };
  /** Seconds after the beginning, to the nearest one: the server's clock also runs while we work. */
  const looks: number[] = [];
  const fired: number[] = [];
  const look = async (): Promise<TimerView> => {
    const at = await now();
    const second = Math.round((at - begun) / 1_000);
    looks.push(second);
    if (row.cancelAt !== undefined && row.cancelAt <= at) {
      row.cancelAt = undefined;
      fired.push(second);
    }
    const { symbol, cancelAt } = row;
    const about = { userId: '01980000-0000-7000-8000-000000000006', symbol };
    if (cancelAt !== undefined) return { ...about, state: 'waiting', cancelAt: new Date(cancelAt).toISOString() };
    return { ...about, state: fired.length > 0 ? 'fired' : 'off', cancelAt: null };
  };
  const activities: CancelTimerActivities = { lookAtCancelTimer: look };
  return { row, looks, fired, activities };
}
