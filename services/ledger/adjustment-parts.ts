import type { CountedDecision } from '../../domain/compliance/decision.ts';
import type { AdjustmentView } from '../../domain/ledger/adjustment.ts';
import { processId } from '../../domain/processes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Database } from '../../storage/db.ts';
import type { Adjustment } from '../../storage/ledger/adjustments.ts';
import { deadlinesSince, type DeskTimes, revisionOf } from '../compliance/desk-facts.ts';
import type { IdentityService } from '../identity/identity.ts';
import type { AssetBook } from './assets.ts';

export interface AdjustmentDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly identity: Pick<IdentityService, 'accounts' | 'proveOfficer'>;
  readonly assets: AssetBook;
  readonly kickOutbox: () => void;
  /** Since the request. */
  readonly times: DeskTimes;
  /** Where officers are reminded, and where the Temporal UI is, for links in those mails. */
  readonly deskMail: string;
  readonly uiUrl: string;
}

/** Entries about one adjustment are told in order. */
export const adjustmentAggregate = (adjustmentId: string): string => `adjustment:${adjustmentId}`;

/** What its user is told of an adjustment. */
export const adjustedPayload = ({ adjustmentId, asset, amount, direction }: Adjustment) => ({
  adjustment_id: adjustmentId,
  asset,
  amount,
  direction,
});

/** What the exchange itself is told, and the audit log. */
export const adjustedFacts = (found: Adjustment) => ({ ...adjustedPayload(found), user_id: found.userId });

/** A short name of the facts a decision rests on: what is moved, for whom, why and who wants it. */
export function adjustmentRevision(found: Adjustment): string {
  const { adjustmentId, requestedBy, userId, asset, amount, direction, reason, reference } = found;
  const workflowId = processId('adjustment', adjustmentId);
  return revisionOf([workflowId, requestedBy, userId, asset, amount, direction, reason, reference]);
}

export function adjustmentView(
  found: Adjustment,
  decisions: readonly CountedDecision[],
  times: DeskTimes,
): AdjustmentView {
  const { adjustmentId, userId, asset, amount, direction, reason, reference, requestedBy } = found;
  const { state, endedReason, createdAt } = found;
  return {
    ...{ adjustmentId, userId, asset, amount, direction, reason, requestedBy, state, decisions },
    requestedAt: createdAt.toISOString(),
    revision: adjustmentRevision(found),
    ...(reference !== undefined && { reference }),
    ...(endedReason !== undefined && { endedReason }),
    ...(state === 'REVIEW' && deadlinesSince(createdAt, times)),
  };
}
