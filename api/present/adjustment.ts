import type { adjustmentOperations } from '../../contract/adjustments.ts';
import type { Reply } from '../../contract/operation.ts';
import { processId } from '../../domain/processes.ts';
import type { Adjustment } from '../../services/ledger/adjustments.ts';

export const presentAdjustment = (found: Adjustment): Reply<typeof adjustmentOperations.adjustment> => ({
  adjustment_id: found.adjustmentId,
  workflow_id: processId('adjustment', found.adjustmentId),
  client_adjustment_id: found.clientAdjustmentId,
  requested_by: found.requestedBy,
  user_id: found.userId,
  asset: found.asset,
  amount: found.amount,
  direction: found.direction,
  reason: found.reason,
  reference: found.reference ?? null,
  status: found.state,
  ended_reason: found.endedReason ?? null,
  created_at: found.createdAt.toISOString(),
  ended_at: found.endedAt?.toISOString() ?? null,
});
