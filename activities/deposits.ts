import type { DepositService } from '../services/payments/deposits.ts';

/** A deposit as its workflow sees it: by id, and credited only when its row says so. */
export const createDepositActivities = (deposits: Pick<DepositService, 'credit'>) => ({
  creditDeposit: (depositId: string) => deposits.credit(depositId),
});

export type DepositActivities = ReturnType<typeof createDepositActivities>;
