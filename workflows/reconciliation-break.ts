import {
  allHandlersFinished,
  condition,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { BreakCaseActivities } from '../activities/break-cases.ts';
import { parseApproval } from '../domain/compliance/decision.ts';
import { breakCaseDetails, type BreakCaseView, closeDescription } from '../domain/ledger/break-case.ts';
import { closeUpdate, describeBreakCaseQuery } from '../temporal/names/decide.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { openDesk } from './desk.ts';

/** A signal may have been lost with an old backup. */
const lookAgainAfter = '1 day';

const { describeBreakCase } = proxyActivities<BreakCaseActivities>({
  startToCloseTimeout: '20s',
  retry: { maximumInterval: '1m' },
});

/** Books that did not agree: shows what was found until it is repaired and two officers have closed the case. */
export async function reconciliationBreak(caseId: string): Promise<void> {
  const door = { update: closeUpdate, parse: parseApproval, description: closeDescription };
  const desk = openDesk<BreakCaseView>('breaks', caseId, describeBreakCaseQuery, door);
  do {
    desk.changed = false;
    desk.view = await describeBreakCase(caseId);
    if (desk.view === null) {
      setCurrentDetails('There is no case under this id: nothing is done.');
      break;
    }
    show(desk.view);
    if (desk.view.state !== 'CLOSED') await condition(() => desk.changed, lookAgainAfter);
  } while (desk.view.state !== 'CLOSED');
  await condition(allHandlersFinished);
}

function show(view: BreakCaseView): void {
  upsertSearchAttributes([
    { key: searchAttributes.asset, value: view.assets.join(' ') },
    { key: searchAttributes.caseState, value: view.state },
    { key: searchAttributes.officer, value: view.decisions.at(-1)?.officerId ?? null },
  ]);
  setCurrentDetails(breakCaseDetails(view));
}
