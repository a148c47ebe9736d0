import {
  allHandlersFinished,
  condition,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { KycActivities } from '../activities/kyc.ts';
import type { CaseView } from '../domain/compliance/case.ts';
import { caseDetails } from '../domain/compliance/desk.ts';
import { outcomes } from '../domain/compliance/decision.ts';
import { describeCaseQuery } from '../temporal/names/decide.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { decideWith, openDesk } from './desk.ts';

const { describeCase, assessCase } = proxyActivities<KycActivities>({
  startToCloseTimeout: '30s',
  retry: { maximumInterval: '1m' },
});
const { checkDocument, checkCountry, findDuplicates, screenNames } = proxyActivities<KycActivities>({
  // Without a time to give up: while screening is away the case waits.
  startToCloseTimeout: '1m',
  retry: { maximumInterval: '5m' },
});
const { sendCaseMail, remindOfficers, escalateCase } = proxyActivities<KycActivities>({
  startToCloseTimeout: '1m',
  // A mail that will not go must not keep a case from its end.
  scheduleToCloseTimeout: '12h',
  retry: { maximumInterval: '5m' },
});

/**
 * Takes one KYC case from its submission to its end: the checks, then an officer's decision, then the mail. PostgreSQL
 * holds what was decided; at every turn this asks what is true, shows it, and waits for what comes next.
 */
export async function kycReview(caseId: string): Promise<void> {
  const desk = openDesk('kyc', caseId, describeCaseQuery, decideWith(outcomes));
  const { told, once } = desk;

  /** Returns when something was committed, or after a timer: the caller looks again in any case. */
  async function untilChanged({ submission, remindAt, dueAt }: CaseView): Promise<void> {
    const timers = [
      { at: remindAt, key: `reminder ${submission}`, send: remindOfficers },
      { at: dueAt, key: `overdue ${submission}`, send: escalateCase },
    ];
    const next = timers.find(({ at, key }) => at !== undefined && !told.has(key));
    if (next?.at === undefined) return condition(() => desk.changed);
    const changed = await condition(() => desk.changed, Math.max(1, Date.parse(next.at) - Date.now()));
    if (!changed) await once(next.key, next.send);
  }

  for (;;) {
    desk.changed = false;
    const view = await describeCase(caseId);
    desk.view = view;
    if (view === null || view.state === 'draft') {
      setCurrentDetails('There is nothing to review: the customer has sent nothing under this id.');
      return condition(allHandlersFinished);
    }
    show(view, told);
    if (view.state === 'screening') {
      await Promise.all([checkDocument, checkCountry, findDuplicates, screenNames].map((check) => check(caseId)));
      await assessCase(caseId);
    } else if (view.state === 'review') {
      await untilChanged(view);
    } else {
      await once(`${view.state} ${view.submission}`, sendCaseMail);
      if (view.state !== 'more_info') return condition(allHandlersFinished);
      await condition(() => desk.changed);
    }
  }
}

/** Attributes are what officers filter by; the details are what they read. */
function show(view: CaseView, told: ReadonlySet<string>): void {
  const overdue = view.state === 'review' && told.has(`overdue ${view.submission}`);
  const decidedBy = view.decisions.at(-1)?.officerId;
  upsertSearchAttributes([
    { key: searchAttributes.userId, value: view.userId },
    { key: searchAttributes.caseState, value: overdue ? 'OVERDUE' : view.state.toUpperCase() },
    { key: searchAttributes.riskScore, value: view.riskScore ?? null },
    { key: searchAttributes.due, value: view.dueAt === undefined ? null : new Date(view.dueAt) },
    { key: searchAttributes.officer, value: decidedBy ?? null },
  ]);
  setCurrentDetails(caseDetails(view, overdue ? 'It is overdue.' : ''));
}
