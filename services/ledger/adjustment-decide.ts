import { DomainError, invariant } from '../../domain/errors.ts';
import { adjustmentApprovals, type AdjustmentState } from '../../domain/ledger/adjustment.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId } from '../../domain/processes.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Db } from '../../storage/db.ts';
import { type Adjustment, endAdjustment, lockAdjustment, postAdjustment } from '../../storage/ledger/adjustments.ts';
import type { OutboxEntry } from '../../storage/outbox/outbox.ts';
import { decideByCode, type Recorded, type SentDecision, type Through } from '../compliance/by-code.ts';
import { countDecision, decisionDetails, type ProvenDecision } from '../compliance/decisions.ts';
import { createRecorder, type Happening, type UserEvent } from '../identity/records.ts';
import {
  adjustedFacts,
  adjustedPayload,
  adjustmentAggregate,
  type AdjustmentDeps,
  adjustmentRevision,
} from './adjustment-parts.ts';
import { balancesChanged, walletEvent } from './notices.ts';

/**
 * Decides an adjustment for the officer whose code this is; see `DecideService.byCode`. One rejection ends it. With the
 * last approval it is posted, in the same transaction, or refused when the user has less than she would lose.
 */
export type DecideAdjustment = (id: string, decision: SentDecision, through: Through) => Promise<Recorded>;

interface Ending {
  readonly to: Exclude<AdjustmentState, 'REVIEW'>;
  /** Why it is not posted; null when it is. */
  readonly why: string | null;
  readonly by: Pick<Happening, 'actor' | 'userId' | 'origin' | 'at'>;
  readonly event?: UserEvent;
  readonly tellings?: readonly OutboxEntry[];
}

/** Ends an adjustment that its caller has locked in review, with a line in the audit log. */
export async function endLocked(
  newId: NewId,
  tx: Db,
  found: Adjustment,
  { to, why, by, event, tellings }: Ending,
): Promise<void> {
  const { adjustmentId } = found;
  const ended = await endAdjustment(tx, { adjustmentId, to, reason: why, at: by.at });
  invariant(ended, 'an adjustment locked in review can be ended');
  const what = { action: `adjustment.${to.toLowerCase()}`, resource: 'adjustment', resourceId: adjustmentId };
  const details = { ...adjustedFacts(found), ...(why !== null && { ended_reason: why }) };
  await createRecorder({ newId })(tx, { ...by, ...what, details, ...(event !== undefined && { event }) }, tellings);
}

export function createDecideAdjustment({ clock, newId, identity, kickOutbox }: AdjustmentDeps): DecideAdjustment {
  const record = createRecorder({ newId });

  async function post(tx: Db, found: Adjustment, by: Ending['by']): Promise<'POSTED' | 'REFUSED'> {
    const { userId, adjustmentId } = found;
    const { at } = by;
    if (!(await postAdjustment(tx, found, at))) {
      await endLocked(newId, tx, found, { to: 'REFUSED', why: 'the available balance is too small', by });
      return 'REFUSED';
    }
    const aggregate = adjustmentAggregate(adjustmentId);
    const told = { type: 'wallet.adjustment.posted', payload: adjustedFacts(found), source: 'ledger' };
    await endLocked(newId, tx, found, {
      ...{ to: 'POSTED', why: null, by },
      event: { userId, type: 'balance.adjusted', payload: adjustedPayload(found) },
      tellings: [
        walletEvent({ ...told, aggregate, id: newId(), at }),
        balancesChanged(newId, { aggregate, userIds: [userId], at }),
      ],
    });
    return 'POSTED';
  }

  async function decide(tx: Db, adjustmentId: string, decision: ProvenDecision, origin: Origin): Promise<Recorded> {
    const found = await lockAdjustment(tx, adjustmentId);
    if (found === undefined) throw notFound();
    const { state, userId, requestedBy } = found;
    const workflowId = processId('adjustment', adjustmentId);
    const facts = {
      subject: 'adjustment',
      subjectId: adjustmentId,
      workflowId,
      open: state === 'REVIEW',
      state: state.toLowerCase(),
      revision: adjustmentRevision(found),
      userIds: [userId],
      requestedBy,
    } as const;
    const { first, approvals } = await countDecision(tx, { newId }, facts, decision);
    if (!first) return answer(state, approvals);
    const { officerId, outcome, at } = decision;
    const details = { outcome, ...decisionDetails(workflowId, decision) };
    const by = { actor: 'officer', userId: officerId, origin, at } as const;
    await record(tx, { ...by, action: 'adjustment.decide', resource: 'adjustment', resourceId: adjustmentId, details });
    if (outcome === 'reject') {
      await endLocked(newId, tx, found, { to: 'REJECTED', why: 'rejected by an officer', by });
      return answer('REJECTED', approvals);
    }
    return answer(approvals < adjustmentApprovals ? 'REVIEW' : await post(tx, found, by), approvals);
  }

  return async (adjustmentId, sent, through) => {
    const { outcome } = sent;
    if (through.workflowId !== processId('adjustment', adjustmentId)) throw notFound();
    if (outcome === 'more_info') throw new DomainError('INVALID_DECISION', 'Not recorded: approve or reject it.');
    const recorded = await decideByCode({ clock, identity }, { verb: outcome, sent, through }, (tx, decision, origin) =>
      decide(tx, adjustmentId, decision, origin),
    );
    kickOutbox();
    return recorded;
  };
}

const sentences: Readonly<Record<Exclude<AdjustmentState, 'REVIEW'>, string>> = {
  POSTED: 'it is posted.',
  REJECTED: 'it is rejected.',
  EXPIRED: 'it is expired.',
  REFUSED: 'it is refused, as the available balance is too small. Nothing was moved.',
};

const answer = (state: AdjustmentState, approvals: number): Recorded => ({
  recorded: true,
  message: `Recorded: ${state === 'REVIEW' ? `${approvals} of ${adjustmentApprovals} approvals.` : sentences[state]}`,
});

export const notFound = (): DomainError => new DomainError('ADJUSTMENT_NOT_FOUND', 'There is no such adjustment.');
