import {
  caseChanged,
  countApprovals,
  decidedAlready,
  decisionClosed,
  type Outcome,
} from '../../domain/compliance/decision.ts';
import { DomainError } from '../../domain/errors.ts';
import type { NewId } from '../../platform/ids.ts';
import {
  addDecision,
  type DecisionSubject,
  findDecisionByBinding,
  listDecisions,
} from '../../storage/compliance/decisions.ts';
import type { Db } from '../../storage/db.ts';

/** A decision of an officer who was proven, and the way it came. */
export interface ProvenDecision {
  readonly officerId: string;
  readonly outcome: Outcome;
  readonly revision: string;
  readonly reason: string;
  readonly proof: 'totp' | 'session';
  readonly binding: string;
  readonly runId: string | null;
  readonly updateId: string | null;
  readonly at: Date;
}

/** What the audit log says of a decision, beside what it is about. */
export const decisionDetails = (
  workflowId: string,
  { revision, reason, proof, runId, updateId }: ProvenDecision,
): Readonly<Record<string, unknown>> => ({
  revision,
  reason,
  proof,
  workflow_id: workflowId,
  run_id: runId,
  update_id: updateId,
});

/** What is decided on, as it stands under lock. */
export interface DecisionFacts {
  readonly subject: DecisionSubject;
  readonly subjectId: string;
  readonly workflowId: string;
  readonly open: boolean;
  readonly state: string;
  readonly revision: string;
  /** Whom it is about: nobody decides on herself. */
  readonly userIds: readonly string[];
  /** Who of the staff asked for it: one of the persons it takes already. */
  readonly requestedBy?: string;
}

/**
 * Counts a decision on something its caller has locked, and answers how many approvals these facts then have. `first`
 * is false when it was counted before: the same update again, or the same officer with the same outcome while it is
 * open. Throws DECISION_CLOSED, CASE_CHANGED, DECISION_DUPLICATE, OFFICER_NOT_PROVEN.
 */
export async function countDecision(
  tx: Db,
  { newId }: { readonly newId: NewId },
  facts: DecisionFacts,
  decision: ProvenDecision,
): Promise<{ readonly first: boolean; readonly approvals: number }> {
  const { subject, subjectId, workflowId } = facts;
  const counted = await listDecisions(tx, facts);
  const before = { first: false, approvals: countApprovals(counted, facts.revision) } as const;
  if ((await findDecisionByBinding(tx, decision.binding)) !== undefined) return before;
  if (!facts.open) throw decisionClosed(facts.state);
  if (decision.revision !== facts.revision) throw caseChanged();
  if (facts.userIds.includes(decision.officerId)) {
    throw new DomainError('OFFICER_NOT_PROVEN', 'Not recorded: nobody decides on herself. Another officer has to.');
  }
  if (facts.requestedBy === decision.officerId) {
    throw new DomainError('OFFICER_NOT_PROVEN', 'Not recorded: you requested it. Other officers have to decide.');
  }
  const earlier = counted.find(
    ({ officerId, revision }) => officerId === decision.officerId && revision === decision.revision,
  );
  if (earlier !== undefined && earlier.outcome !== decision.outcome) throw decidedAlready(earlier.outcome);
  if (earlier !== undefined) return before;
  await addDecision(tx, { ...decision, decisionId: newId(), subject, subjectId, workflowId });
  return { first: true, approvals: before.approvals + (decision.outcome === 'approve' ? 1 : 0) };
}
