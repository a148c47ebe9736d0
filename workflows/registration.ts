import {
  ActivityFailure,
  condition,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { RegistrationActivities } from '../activities/registration.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { mailRequestedSignal, verifiedSignal } from '../temporal/names/signals.ts';

const hour = 3_600_000;
const remindAfter = 24 * hour;
const removeAfter = 72 * hour;

const { registrationState, endRegistration } = proxyActivities<RegistrationActivities>({
  startToCloseTimeout: '30s',
  retry: { maximumInterval: '1m' },
});
const { sendRegistrationMail, sendRegistrationReminder } = proxyActivities<RegistrationActivities>({
  startToCloseTimeout: '1m',
  // A mail that will not go must not keep the attempt from ending.
  scheduleToCloseTimeout: '12h',
  retry: { maximumInterval: '5m' },
});

const endings = {
  verified: 'The e-mail address is proven: the attempt became an account.',
  gone: 'The attempt ended: another one of the same address was verified, or 72 hours passed without a click.',
} as const;

/**
 * Takes one registration attempt from its mail to its end: verified, or removed after 72 hours. Signals are hints that
 * something was committed; what is true is asked of the database at every turn.
 */
export async function registration(userId: string): Promise<void> {
  const begun = Date.now();
  const hints = { verified: false, mailRequested: false };
  setHandler(verifiedSignal, () => void (hints.verified = true), { description: 'A link was clicked: look again.' });
  setHandler(mailRequestedSignal, () => void (hints.mailRequested = true), { description: 'Send the mail again.' });
  upsertSearchAttributes([{ key: searchAttributes.userId, value: userId }]);

  function show(state: string, text: string): void {
    upsertSearchAttributes([{ key: searchAttributes.caseState, value: state.toUpperCase() }]);
    setCurrentDetails(`### Registration of user ${userId}\n\n${text}`);
  }

  /** False when the mail could not be sent in time. The attempt goes on: a later mail may get through. */
  async function trySend(send: (userId: string) => Promise<void>): Promise<boolean> {
    try {
      await send(userId);
      return true;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      return false;
    }
  }

  /** Where the attempt stands at an instant, or as soon as it waits no more. */
  async function stateBy(instant: number): ReturnType<typeof registrationState> {
    for (;;) {
      const hinted = await condition(() => hints.verified || hints.mailRequested, Math.max(0, instant - Date.now()));
      const { mailRequested } = hints;
      // Forgotten before anything is asked: a hint that comes meanwhile is looked at in the next round.
      Object.assign(hints, { verified: false, mailRequested: false });
      const state = await registrationState(userId);
      if (state !== 'waiting' || !hinted) return state;
      if (mailRequested) await trySend(sendRegistrationMail);
    }
  }

  show('sending', 'The first mail is being sent.');
  const sent = await trySend(sendRegistrationMail);
  show('waiting', sent ? 'Waiting for the link in the mail to be clicked.' : 'The mail could not be sent.');
  let state = await stateBy(begun + remindAfter);

  if (state === 'waiting') {
    const reminded = await trySend(sendRegistrationReminder);
    show('reminded', reminded ? 'A reminder was sent after 24 hours.' : 'The reminder could not be sent.');
    state = await stateBy(begun + removeAfter);
  }

  const ending = state === 'waiting' ? await endRegistration(userId) : state;
  show(ending, endings[ending]);
}
