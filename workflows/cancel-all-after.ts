import {
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { CancelTimerActivities } from '../activities/cancel-timers.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { changedSignal } from '../temporal/names/signals.ts';

const { lookAtCancelTimer } = proxyActivities<CancelTimerActivities>({
  startToCloseTimeout: '10s',
  // Without a time to give up, and soon again: orders should end that nobody watches over.
  retry: { initialInterval: '500ms', maximumInterval: '5s' },
});

type Timer = NonNullable<Awaited<ReturnType<typeof lookAtCancelTimer>>>;

/** Should the clocks here and there differ, it is asked no more often than that. */
const shortestSleepMs = 100;
const mostLooks = 300;

/**
 * Watches one dead man's switch until it has fired or is off. It sleeps to the deadline that it last read and looks
 * again, so that renewing costs nothing here; a signal says that a deadline was set before that. Looking fires what is
 * due.
 */
export async function cancelAllAfter(timerId: string): Promise<void> {
  const seen = { changed: false };
  setHandler(changedSignal, () => void (seen.changed = true), { description: 'It was set: look now.' });
  let state: Timer['state'] | undefined;

  async function look(): Promise<Timer | null> {
    // Forgotten before anything is read: a signal that comes meanwhile is followed in the next round.
    seen.changed = false;
    const timer = await lookAtCancelTimer(timerId);
    if (timer !== null && timer.state !== state) showState(timer);
    state = timer?.state;
    setCurrentDetails(describe(timerId, timer));
    return timer;
  }

  for (let looks = 0; looks < mostLooks && !workflowInfo().continueAsNewSuggested; looks += 1) {
    const { cancelAt = null } = (await look()) ?? {};
    if (cancelAt !== null) {
      await condition(() => seen.changed, Math.max(shortestSleepMs, Date.parse(cancelAt) - Date.now()));
    } else if (!seen.changed) return;
  }
  await continueAsNew<typeof cancelAllAfter>(timerId);
}

function showState({ userId, symbol, state }: Timer): void {
  upsertSearchAttributes([
    { key: searchAttributes.userId, value: userId },
    { key: searchAttributes.symbol, value: symbol },
    { key: searchAttributes.caseState, value: state.toUpperCase() },
  ]);
}

function describe(timerId: string, timer: Timer | null): string {
  if (timer === null) return `There is no switch ${timerId}: nothing is done.`;
  const orders = timer.symbol === null ? 'all orders' : `orders in ${timer.symbol}`;
  const texts = {
    waiting: `Unless it is renewed, ${orders} end at ${timer.cancelAt}.`,
    fired: `It was not renewed in time: ${orders} were cancelled.`,
    off: `It is off: ${orders} stay.`,
  };
  return `### Cancel-all-after of user ${timer.userId}\n\n${texts[timer.state]}`;
}
