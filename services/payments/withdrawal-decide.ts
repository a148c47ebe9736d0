import { DomainError, invariant } from '../../domain/errors.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId } from '../../domain/processes.ts';
import type { Db } from '../../storage/db.ts';
import { lockWithdrawal, moveWithdrawal } from '../../storage/payments/withdrawals.ts';
import { decideByCode, type Recorded, type SentDecision, type Through } from '../compliance/by-code.ts';
import { countDecision, decisionDetails, type ProvenDecision } from '../compliance/decisions.ts';
import { createRecorder } from '../identity/records.ts';
import type { WithdrawalDeps } from './parts.ts';
import { giveBack } from './withdrawal-records.ts';
import { withdrawalRevision } from './withdrawal-view.ts';

/**
 * Decides a withdrawal for the officer whose code this is; see `DecideService.byCode`. One rejection ends it and gives
 * the funds back; approvals count until enough different officers gave theirs.
 */
export type DecideWithdrawal = (id: string, decision: SentDecision, through: Through) => Promise<Recorded>;

export function createDecideWithdrawal(deps: WithdrawalDeps): DecideWithdrawal {
  const { newId } = deps;
  const record = createRecorder({ newId });

  async function decide(tx: Db, withdrawalId: string, decision: ProvenDecision, origin: Origin): Promise<Recorded> {
    const found = await lockWithdrawal(tx, withdrawalId);
    if (found === undefined) throw notFound();
    const { state, userId, approvalsNeeded } = found;
    const workflowId = processId('withdrawal', withdrawalId);
    const facts = {
      subject: 'withdrawal',
      subjectId: withdrawalId,
      workflowId,
      open: state === 'REVIEW',
      state: state.toLowerCase(),
      revision: withdrawalRevision(found),
      userIds: [userId],
    } as const;
    const { first, approvals } = await countDecision(tx, { newId }, facts, decision);
    if (!first) return answer(decision.outcome, approvals, approvalsNeeded);
    const { officerId, outcome, at } = decision;
    const details = { outcome, ...decisionDetails(workflowId, decision) };
    const what = { action: 'withdrawal.decide', resource: 'withdrawal', resourceId: withdrawalId, details };
    await record(tx, { ...what, actor: 'officer', userId: officerId, origin, at });
    if (outcome === 'reject') {
      const by = { actor: 'officer', actorId: officerId, origin, details } as const;
      const ended = await giveBack(deps, tx, found, {
        from: ['REVIEW'],
        to: 'REJECTED',
        reason: 'rejected by an officer',
        ...by,
      });
      invariant(ended, 'a withdrawal locked in review can be rejected');
    } else if (approvals >= (approvalsNeeded ?? Number.POSITIVE_INFINITY)) {
      const moved = await moveWithdrawal(tx, { withdrawalId, from: ['REVIEW'], to: 'APPROVED', at });
      invariant(moved, 'a withdrawal locked in review can be approved');
    }
    return answer(outcome, approvals, approvalsNeeded);
  }

  return async (withdrawalId, sent, through) => {
    const { outcome } = sent;
    if (through.workflowId !== processId('withdrawal', withdrawalId)) throw notFound();
    if (outcome === 'more_info') throw new DomainError('INVALID_DECISION', 'Not recorded: approve or reject it.');
    return decideByCode(deps, { verb: outcome, sent, through }, (tx, decision, origin) =>
      decide(tx, withdrawalId, decision, origin),
    );
  };
}

const answer = (outcome: string, approvals: number, needed = 0): Recorded => ({
  recorded: true,
  message:
    outcome === 'reject'
      ? 'Recorded: it is rejected.'
      : `Recorded: ${Math.min(approvals, needed)} of ${needed} approvals.`,
});

const notFound = (): DomainError => new DomainError('WITHDRAWAL_NOT_FOUND', 'There is no such withdrawal.');
