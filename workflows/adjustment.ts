import {
  allHandlersFinished,
  condition,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { AdjustmentActivities } from '../activities/adjustments.ts';
import { adjustmentDetails, adjustmentOutcomes, type AdjustmentView } from '../domain/ledger/adjustment.ts';
import { describeAdjustmentQuery } from '../temporal/names/decide.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { decideWith, openDesk } from './desk.ts';
import { createPatience } from './patience.ts';

const { describeAdjustment, expireAdjustment } = proxyActivities<AdjustmentActivities>({
  startToCloseTimeout: '20s',
  retry: { maximumInterval: '1m' },
});
const { remindOfAdjustment, escalateAdjustment } = proxyActivities<AdjustmentActivities>({
  startToCloseTimeout: '1m',
  // A mail that will not go must not keep it from its end.
  scheduleToCloseTimeout: '12h',
  retry: { maximumInterval: '5m' },
});

/** One correction of the books: shows it until officers have decided or its time is over. It moves no money itself. */
export async function adjustment(adjustmentId: string): Promise<void> {
  const door = decideWith(adjustmentOutcomes);
  const desk = openDesk<AdjustmentView>('adjustment', adjustmentId, describeAdjustmentQuery, door);
  const steps = { remind: remindOfAdjustment, escalate: escalateAdjustment, expire: expireAdjustment };
  const { awaitOfficers } = createPatience(adjustmentId, desk, steps);
  do {
    desk.changed = false;
    desk.view = await describeAdjustment(adjustmentId);
    if (desk.view === null) {
      setCurrentDetails('There is no adjustment under this id: nothing is done.');
      break;
    }
    show(desk.view, desk.view.state === 'REVIEW' && desk.told.has('overdue'));
    if (desk.view.state === 'REVIEW') await awaitOfficers(desk.view);
  } while (desk.view.state === 'REVIEW');
  await condition(allHandlersFinished);
}

/** Attributes are what officers filter by; the details are what they read. */
function show(view: AdjustmentView, overdue: boolean): void {
  upsertSearchAttributes([
    { key: searchAttributes.userId, value: view.userId },
    { key: searchAttributes.caseState, value: overdue ? 'OVERDUE' : view.state },
    { key: searchAttributes.asset, value: view.asset },
    { key: searchAttributes.due, value: view.dueAt === undefined ? null : new Date(view.dueAt) },
    { key: searchAttributes.officer, value: view.decisions.at(-1)?.officerId ?? null },
  ]);
  setCurrentDetails(adjustmentDetails(view, overdue ? 'It is overdue.' : ''));
}
