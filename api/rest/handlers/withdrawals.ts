import type { withdrawalOperations } from '../../../contract/withdrawals.ts';
import type { WithdrawalService } from '../../../services/payments/withdrawal-requests.ts';
import { presentExplanation } from '../../present/kyc.ts';
import { nextCursor } from '../../present/page.ts';
import { presentWithdrawal } from '../../present/withdrawal.ts';
import type { Handlers } from '../door.ts';

/** Customers' withdrawals over REST. */
export const createWithdrawalHandlers = (withdrawals: WithdrawalService): Handlers<typeof withdrawalOperations> => ({
  async withdraw({ body }, { caller, origin, setHeader }) {
    const { asset, amount, address, client_withdrawal_id: clientWithdrawalId, totp } = body;
    const request = { asset, amount, address, clientWithdrawalId, totp };
    const placed = await withdrawals.request(caller, request, origin);
    setHeader('Location', `/api/v1/withdrawals/${placed.withdrawalId}`);
    return presentWithdrawal(placed);
  },
  async previewWithdrawal({ body }, { caller }) {
    const { amount, quoteValue, approvalsNeeded, left } = await withdrawals.preview(caller, body);
    return {
      asset: body.asset,
      amount,
      fee: '0',
      quote_value: quoteValue,
      officers_needed: approvalsNeeded,
      left_24h: left.day,
      left_30d: left.month,
    };
  },
  async withdrawals({ query }, { caller }) {
    const found = await withdrawals.list(caller, query.cursor, query.limit);
    const next_cursor = nextCursor(found, query.limit, ({ withdrawalId }) => withdrawalId);
    return { items: found.map(presentWithdrawal), next_cursor };
  },
  withdrawal: async ({ params }, { caller }) => presentWithdrawal(await withdrawals.get(caller, params.withdrawal_id)),
  explainWithdrawal: async ({ params }, { caller }) =>
    presentExplanation(await withdrawals.explain(caller, params.withdrawal_id)),
  confirmWithdrawal: async ({ params, body }, { caller, origin }) =>
    presentWithdrawal(await withdrawals.confirm(caller, params.withdrawal_id, body.token, origin)),
  cancelWithdrawal: async ({ params }, { caller, origin }) =>
    presentWithdrawal(await withdrawals.cancel(caller, params.withdrawal_id, origin)),
});
