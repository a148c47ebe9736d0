import type { CaseView } from '../../domain/compliance/case.ts';
import { processId } from '../../domain/processes.ts';
import type { KycCase } from '../../storage/compliance/cases.ts';
import { revisionOf } from './desk-facts.ts';
import type { KycRules } from './parts.ts';

/**
 * A short name of the facts a decision rests on: what the customer said, what the checks found, and whose case it is.
 * It changes when any of them does.
 */
export function caseRevision({ caseId, userId, submission, person, riskScore, riskReasons }: KycCase): string {
  const facts = [processId('kycReview', caseId), userId, submission, person, riskScore, riskReasons];
  return revisionOf(facts);
}

/** A case as the desk shows it. */
export function viewOf(
  found: KycCase,
  { decisions, sources }: Pick<CaseView, 'decisions' | 'sources'>,
  rules: KycRules,
): CaseView {
  const { caseId, userId, state, submission, person, riskScore, riskReasons, asked } = found;
  return {
    caseId,
    userId,
    state,
    revision: caseRevision(found),
    submission,
    reasons: riskReasons,
    sources,
    decisions,
    ...(person !== undefined && { person }),
    ...(riskScore !== undefined && { riskScore }),
    ...(asked !== undefined && { asked }),
    ...timesOf(found, rules),
  };
}

/** When officers are reminded and the case is overdue: counted from when it came before them. */
export function timesOf(
  { state, reviewSince }: Pick<KycCase, 'state' | 'reviewSince'>,
  { reminderAfterMs, escalateAfterMs }: KycRules,
): Pick<CaseView, 'remindAt' | 'dueAt'> {
  if (state !== 'review' || reviewSince === undefined) return {};
  const after = (ms: number): string => new Date(reviewSince.getTime() + ms).toISOString();
  return { remindAt: after(reminderAfterMs), dueAt: after(escalateAfterMs) };
}
