import { z } from 'zod';
import { withdrawalStates } from '../domain/payments/withdrawal.ts';
import { AssetCode, ClientId, Cursor, Decimal, Limit, line, page, Timestamp, Uuid } from './common.ts';
import { Explanation } from './kyc.ts';
import { operation } from './operation.ts';

const Address = z
  .string()
  .regex(/^[A-Za-z0-9:_.-]{8,128}$/, 'Give the destination as 8 to 128 letters, digits, or :_.-')
  .meta({ examples: ['dev1qxyz8k3hs02'] });

const Withdrawal = z
  .object({
    withdrawal_id: Uuid,
    client_withdrawal_id: z.string(),
    asset: AssetCode,
    amount: Decimal,
    address: z.string(),
    quote_value: Decimal,
    status: z.enum(withdrawalStates),
    reason: z.string().nullable().meta({ description: 'Why it ended otherwise than settled' }),
    tx_hash: z.string().nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Withdrawal' });

const OwnId = z.strictObject({ withdrawal_id: Uuid });

export const withdrawalOperations = {
  withdraw: operation({
    method: 'POST',
    path: '/withdrawals',
    tag: 'withdrawals',
    summary: 'Withdraw. The funds are set aside at once; a mail asks for confirmation.',
    access: 'user',
    idempotency: 'own',
    body: z.strictObject({
      asset: AssetCode,
      amount: Decimal,
      address: Address,
      client_withdrawal_id: ClientId,
      totp: z
        .string()
        .regex(/^\d{6}$/)
        .optional()
        .meta({ description: 'May be left out when the session showed a factor in the last 5 minutes' }),
    }),
    status: 202,
    reply: Withdrawal,
    refusals: [
      'KYC_REQUIRED',
      'SECOND_FACTOR_REQUIRED',
      'INVALID_CREDENTIALS',
      'CODE_USED',
      'TOO_MANY_ATTEMPTS',
      'LIMIT_EXCEEDED',
      'INSUFFICIENT_FUNDS',
      'IDEMPOTENCY_CONFLICT',
      'WITHDRAWAL_NOT_POSSIBLE',
      'WITHDRAWALS_HALTED',
    ],
  }),
  previewWithdrawal: operation({
    method: 'POST',
    path: '/withdrawals/preview',
    tag: 'withdrawals',
    summary: 'What a withdrawal would be worth, need and leave. Reserves nothing.',
    access: 'user',
    body: z.strictObject({ asset: AssetCode, amount: Decimal }),
    status: 200,
    reply: z.object({
      asset: AssetCode,
      amount: Decimal,
      fee: Decimal,
      quote_value: Decimal,
      officers_needed: z.number().int(),
      left_24h: Decimal.meta({ description: 'Quote value that may still be withdrawn, before this' }),
      left_30d: Decimal,
    }),
    refusals: ['WITHDRAWAL_NOT_POSSIBLE', 'WITHDRAWALS_HALTED'],
  }),
  withdrawals: operation({
    method: 'GET',
    path: '/withdrawals',
    tag: 'withdrawals',
    summary: 'My withdrawals, newest first',
    access: 'user',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    status: 200,
    reply: page(Withdrawal),
  }),
  withdrawal: operation({
    method: 'GET',
    path: '/withdrawals/{withdrawal_id}',
    tag: 'withdrawals',
    summary: 'One of my withdrawals',
    access: 'user',
    params: OwnId,
    status: 200,
    reply: Withdrawal,
    refusals: ['WITHDRAWAL_NOT_FOUND'],
  }),
  explainWithdrawal: operation({
    method: 'GET',
    path: '/withdrawals/{withdrawal_id}/explain',
    tag: 'withdrawals',
    summary: 'Where it stands, which rule holds it, who acts next and what I can do',
    access: 'user',
    params: OwnId,
    status: 200,
    reply: Explanation,
    refusals: ['WITHDRAWAL_NOT_FOUND'],
  }),
  confirmWithdrawal: operation({
    method: 'POST',
    path: '/withdrawals/{withdrawal_id}/confirm',
    tag: 'withdrawals',
    summary: 'Confirm it with the token of the mailed link',
    access: 'user',
    params: OwnId,
    body: z.strictObject({ token: line(16, 256) }),
    status: 200,
    reply: Withdrawal,
    refusals: ['WITHDRAWAL_NOT_FOUND', 'INVALID_TOKEN', 'WITHDRAWAL_NOT_POSSIBLE'],
  }),
  cancelWithdrawal: operation({
    method: 'POST',
    path: '/withdrawals/{withdrawal_id}/cancel',
    tag: 'withdrawals',
    summary: 'Cancel it, which works until it is being signed',
    access: 'user',
    params: OwnId,
    status: 200,
    reply: Withdrawal,
    refusals: ['WITHDRAWAL_NOT_FOUND', 'WITHDRAWAL_NOT_POSSIBLE'],
  }),
};
