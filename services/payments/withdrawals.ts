import type { WithdrawalDeps } from './parts.ts';
import { createDecideWithdrawal, type DecideWithdrawal } from './withdrawal-decide.ts';
import { createWithdrawals, type WithdrawalService } from './withdrawal-requests.ts';
import { createWithdrawalSteps, type WithdrawalSteps } from './withdrawal-steps.ts';

/** Money that leaves: customers' withdrawals, and what officers decide on them. */
export interface Withdrawals extends WithdrawalService {
  /** For officers' updates. */
  readonly decide: DecideWithdrawal;
  /** For the withdrawal workflow. */
  readonly steps: WithdrawalSteps;
}

export const createWithdrawalService = (deps: WithdrawalDeps): Withdrawals => ({
  ...createWithdrawals(deps),
  decide: createDecideWithdrawal(deps),
  steps: createWithdrawalSteps(deps),
});
