import { createHmac } from 'node:crypto';
import type { CountedDecision } from '../../domain/compliance/decision.ts';
import type { WithdrawalView } from '../../domain/payments/withdrawal.ts';
import { processId } from '../../domain/processes.ts';
import type { Withdrawal } from '../../storage/payments/withdrawals.ts';
import { deadlinesSince, revisionOf } from '../compliance/desk-facts.ts';
import type { WithdrawalTimes } from './parts.ts';

/** A short name of the facts a decision rests on: whose, how much, where to, worth what, and what screening says. */
export function withdrawalRevision(found: Withdrawal): string {
  const { withdrawalId, userId, asset, amount, address, rail, quoteValue, approvalsNeeded, riskReasons } = found;
  const workflowId = processId('withdrawal', withdrawalId);
  const facts = [workflowId, userId, asset, amount, address, rail, quoteValue, approvalsNeeded, riskReasons];
  return revisionOf(facts);
}

/** The token in the confirmation mail: follows from the id, so that a repeated mail holds the same one. */
export const confirmToken = (key: Buffer, withdrawalId: string): string =>
  createHmac('sha256', key).update(`withdrawal ${withdrawalId}`).digest('base64url');

const later = (from: Date, ms: number): Date => new Date(from.getTime() + ms);

/** When the customer, and when officers, run out of time; undefined while that is not asked of them. */
export function deadlineOf(found: Withdrawal, times: WithdrawalTimes): Date | undefined {
  switch (found.state) {
    case 'REQUESTED':
    case 'AWAITING_CONFIRMATION':
      return later(found.createdAt, times.confirmWithinMs);
    case 'REVIEW':
      return found.reviewSince && later(found.reviewSince, times.approveWithinMs);
    default:
      return undefined;
  }
}

export function withdrawalView(
  found: Withdrawal,
  decisions: readonly CountedDecision[],
  times: WithdrawalTimes,
): WithdrawalView {
  const { withdrawalId, userId, state, asset, amount, address, quoteValue, approvalsNeeded, endedReason } = found;
  const { reviewSince, riskReasons, signed, createdAt } = found;
  return {
    withdrawalId,
    userId,
    state,
    revision: withdrawalRevision(found),
    asset,
    amount,
    address,
    quoteValue,
    reasons: riskReasons,
    decisions,
    confirmBy: later(createdAt, times.confirmWithinMs).toISOString(),
    ...(approvalsNeeded !== undefined && { approvalsNeeded }),
    ...(signed !== undefined && { txHash: signed.hash }),
    ...(endedReason !== undefined && { endedReason }),
    ...(state === 'REVIEW' && reviewSince !== undefined && deadlinesSince(reviewSince, times)),
  };
}
