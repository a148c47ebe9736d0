import type { Reply } from '../../contract/operation.ts';
import type { withdrawalOperations } from '../../contract/withdrawals.ts';
import type { Withdrawal } from '../../services/payments/withdrawal-requests.ts';

export const presentWithdrawal = (found: Withdrawal): Reply<typeof withdrawalOperations.withdrawal> => ({
  withdrawal_id: found.withdrawalId,
  client_withdrawal_id: found.clientWithdrawalId,
  asset: found.asset,
  amount: found.amount,
  address: found.address,
  quote_value: found.quoteValue,
  status: found.state,
  reason: found.endedReason ?? null,
  tx_hash: found.signed?.hash ?? null,
  created_at: found.createdAt.toISOString(),
  updated_at: found.updatedAt.toISOString(),
});
