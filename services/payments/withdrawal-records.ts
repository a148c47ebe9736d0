import { shortestDecimal } from '../../domain/money.ts';
import type { WithdrawalState } from '../../domain/payments/withdrawal.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId } from '../../domain/processes.ts';
import type { Db } from '../../storage/db.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { endWithdrawal, type Withdrawal } from '../../storage/payments/withdrawals.ts';
import { createRecorder, type UserEvent } from '../identity/records.ts';
import { balancesChanged } from '../ledger/notices.ts';
import { type WithdrawalDeps, withdrawalAggregate } from './parts.ts';

interface Ending {
  readonly from: readonly WithdrawalState[];
  readonly to: 'CANCELLED' | 'REJECTED' | 'EXPIRED';
  readonly reason: string;
  readonly actor: 'user' | 'officer' | 'system';
  readonly actorId?: string;
  readonly origin: Origin;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Where a step has no request behind it, its trace is the withdrawal's own. */
export const originOf = (withdrawalId: string): Origin => ({ traceId: withdrawalId.replaceAll('-', '') });

/** What a withdrawal has become, for its owner. */
export const withdrawalUpdated = (
  { withdrawalId, userId, asset, amount }: Pick<Withdrawal, 'withdrawalId' | 'userId' | 'asset' | 'amount'>,
  status: WithdrawalState,
  reason: string | null = null,
): UserEvent => ({
  userId,
  type: 'withdrawal.updated',
  payload: { withdrawal_id: withdrawalId, asset, amount: shortestDecimal(amount), status, reason },
});

/** Has the withdrawal's workflow look again. */
export async function hintChanged(tx: Db, withdrawalId: string, at: Date): Promise<void> {
  const workflowId = processId('withdrawal', withdrawalId);
  await addToOutbox(
    tx,
    [{ aggregate: withdrawalAggregate(withdrawalId), kind: 'signal', workflowId, signal: 'changed' }],
    at,
  );
}

/** Ends a withdrawal that was not signed and gives its funds back, once; false when it is in no such state. */
export async function giveBack(
  { clock, newId, funds }: Pick<WithdrawalDeps, 'clock' | 'newId' | 'funds'>,
  tx: Db,
  withdrawal: Withdrawal,
  { from, to, reason, actor, actorId, origin, details }: Ending,
): Promise<boolean> {
  const at = clock();
  const { withdrawalId, userId } = withdrawal;
  if (!(await endWithdrawal(tx, { withdrawalId, from, to, reason, at }))) return false;
  await funds.releaseFunds(tx, withdrawalId, `WITHDRAWAL_${to}`);
  await createRecorder({ newId })(
    tx,
    {
      actor,
      ...(actorId !== undefined && { userId: actorId }),
      action: `withdrawal.${to.toLowerCase()}`,
      resource: 'withdrawal',
      resourceId: withdrawalId,
      details: { ...details, reason },
      event: withdrawalUpdated(withdrawal, to, reason),
      origin,
      at,
    },
    [balancesChanged(newId, { aggregate: withdrawalAggregate(withdrawalId), userIds: [userId], at })],
  );
  return true;
}
