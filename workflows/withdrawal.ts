import {
  allHandlersFinished,
  condition,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { WithdrawalActivities } from '../activities/withdrawals.ts';
import { withdrawalDetails, withdrawalOutcomes } from '../domain/payments/desk.ts';
import type { WithdrawalView } from '../domain/payments/withdrawal.ts';
import { describeWithdrawalQuery } from '../temporal/names/decide.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { decideWith, type Desk, openDesk } from './desk.ts';
import { createPatience, type Patience } from './patience.ts';

const minute = 60_000;

const {
  describeWithdrawal,
  screenWithdrawal,
  expireWithdrawal,
  prepareWithdrawal,
  broadcastWithdrawal,
  settleWithdrawal,
} = proxyActivities<WithdrawalActivities>({
  // Without a time to give up: a step that was begun is finished once the fault is gone.
  startToCloseTimeout: '20s',
  retry: { maximumInterval: '1m' },
});
const { confirmWithdrawal } = proxyActivities<WithdrawalActivities>({
  startToCloseTimeout: '1m',
  // Not confirmed yet is an error that is tried again: waiting so costs no history.
  retry: { initialInterval: '1s', backoffCoefficient: 1.2, maximumInterval: '30s' },
});
const { askConfirmation, sendWithdrawalMail, remindApprovers, escalateWithdrawal } =
  proxyActivities<WithdrawalActivities>({
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: '12h',
    retry: { maximumInterval: '5m' },
  });

/**
 * Takes one withdrawal from request to settlement. The row's state decides every step, and each step moves it only from
 * the expected state; this decides when: at every turn it asks what is true, shows it, and does or awaits what is next.
 */
export async function withdrawal(withdrawalId: string): Promise<void> {
  const desk = openDesk('withdrawal', withdrawalId, describeWithdrawalQuery, decideWith(withdrawalOutcomes));
  const steps = { remind: remindApprovers, escalate: escalateWithdrawal, expire: expireWithdrawal };
  const patience = createPatience(withdrawalId, desk, steps);
  let view: WithdrawalView | null;
  do {
    desk.changed = false;
    view = desk.view = await describeWithdrawal(withdrawalId);
    if (view === null) {
      setCurrentDetails('There is no withdrawal under this id: nothing is done.');
      break;
    }
    show(view, view.state === 'REVIEW' && desk.told.has('overdue'));
  } while ((await advance(view, desk, patience)) === 'going on');
  await condition(allHandlersFinished);
}

/** Does or awaits what is next in this state. */
async function advance(
  at: WithdrawalView,
  desk: Desk<WithdrawalView>,
  { untilExpired, awaitOfficers }: Patience,
): Promise<'ended' | 'going on'> {
  const { withdrawalId } = at;
  switch (at.state) {
    case 'REQUESTED':
      await desk.once('confirmation', askConfirmation);
      // The mail would not go: without it the time to confirm runs out.
      if ((await describeWithdrawal(withdrawalId))?.state !== 'REQUESTED') break;
      await untilExpired(at.confirmBy);
      break;
    case 'AWAITING_CONFIRMATION':
      await untilExpired(at.confirmBy);
      break;
    case 'SCREENING':
      await screenWithdrawal(withdrawalId);
      break;
    case 'REVIEW':
      await awaitOfficers(at);
      break;
    case 'APPROVED':
      if ((await prepareWithdrawal(withdrawalId)) === 'held') await condition(() => desk.changed, minute);
      break;
    case 'SIGNING':
      await prepareWithdrawal(withdrawalId);
      await broadcastWithdrawal(withdrawalId);
      break;
    case 'BROADCAST':
      await confirmWithdrawal(withdrawalId);
      break;
    case 'CONFIRMED':
      await settleWithdrawal(withdrawalId);
      break;
    case 'SETTLED':
    case 'CANCELLED':
    case 'REJECTED':
    case 'EXPIRED':
      await desk.once('end', sendWithdrawalMail);
      return 'ended';
  }
  return 'going on';
}

/** Attributes are what officers filter by; the details are what they read. */
function show(view: WithdrawalView, overdue: boolean): void {
  upsertSearchAttributes([
    { key: searchAttributes.userId, value: view.userId },
    { key: searchAttributes.caseState, value: overdue ? 'OVERDUE' : view.state },
    { key: searchAttributes.asset, value: view.asset },
    { key: searchAttributes.amountQuote, value: Number(view.quoteValue) },
    { key: searchAttributes.due, value: view.dueAt === undefined ? null : new Date(view.dueAt) },
    { key: searchAttributes.officer, value: view.decisions.at(-1)?.officerId ?? null },
  ]);
  setCurrentDetails(withdrawalDetails(view, overdue ? 'It is overdue.' : ''));
}
