import { z } from 'zod';
import { adjustmentDirections, adjustmentStates } from '../domain/ledger/adjustment.ts';
import { AssetCode, ClientId, Cursor, Decimal, Limit, line, page, Timestamp, Uuid } from './common.ts';
import { Decision } from './kyc.ts';
import { operation } from './operation.ts';

const Direction = z.enum(adjustmentDirections).meta({
  description: "CREDIT: from the house's suspense account to the user; DEBIT: the other way",
});

const Adjustment = z
  .object({
    adjustment_id: Uuid,
    workflow_id: z.string().meta({ description: 'Where officers decide it, in the Temporal UI' }),
    client_adjustment_id: z.string(),
    requested_by: Uuid,
    user_id: Uuid,
    asset: AssetCode,
    amount: Decimal,
    direction: Direction,
    reason: z.string(),
    reference: z.string().nullable(),
    status: z.enum(adjustmentStates).meta({ description: 'REFUSED: approved, but the user had less than that' }),
    ended_reason: z.string().nullable().meta({ description: 'Why it ended otherwise than posted' }),
    created_at: Timestamp,
    ended_at: Timestamp.nullable(),
  })
  .meta({ id: 'Adjustment' });

/** Corrections of the books, for the staff; officers decide them in the Temporal UI. */
export const adjustmentOperations = {
  requestAdjustment: operation({
    method: 'POST',
    path: '/adjustments',
    tag: 'adjustments',
    summary:
      'Ask for a correction of the books: two other officers decide. Needs a factor shown in the last 5 minutes.',
    access: 'staff',
    idempotency: 'own',
    body: z.strictObject({
      client_adjustment_id: ClientId,
      user_id: Uuid,
      asset: AssetCode,
      amount: Decimal,
      direction: Direction,
      reason: Decision.shape.reason.meta({ description: 'What officers and the audit log read' }),
      reference: line(1, 200).optional().meta({ description: 'What it goes back to, such as a ticket' }),
    }),
    status: 202,
    reply: Adjustment,
    refusals: ['SECOND_FACTOR_REQUIRED', 'NOT_FOUND', 'ADJUSTMENT_NOT_POSSIBLE', 'IDEMPOTENCY_CONFLICT'],
  }),
  adjustments: operation({
    method: 'GET',
    path: '/adjustments',
    tag: 'adjustments',
    summary: 'Adjustments, newest first; in one state or all',
    access: 'staff',
    query: z.strictObject({ status: z.enum(adjustmentStates).optional(), limit: Limit, cursor: Cursor }),
    status: 200,
    reply: page(Adjustment),
  }),
  adjustment: operation({
    method: 'GET',
    path: '/adjustments/{adjustment_id}',
    tag: 'adjustments',
    summary: 'One adjustment',
    access: 'staff',
    params: z.strictObject({ adjustment_id: Uuid }),
    status: 200,
    reply: Adjustment,
    refusals: ['ADJUSTMENT_NOT_FOUND'],
  }),
};
