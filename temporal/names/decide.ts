import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { CaseView } from '../../domain/compliance/case.ts';
import type { AdjustmentView } from '../../domain/ledger/adjustment.ts';
import type { BreakCaseView } from '../../domain/ledger/break-case.ts';
import type { ParkedTradeView } from '../../domain/ledger/parked-trade.ts';
import type { WithdrawalView } from '../../domain/payments/withdrawal.ts';

/** What an officer is told. */
export interface Recorded {
  readonly recorded: true;
  readonly message: string;
}

/** An officer's decision. What she sent is read by `parseDecision`: the UI sends whatever was typed. */
export const decideUpdate = defineUpdate<Recorded, [unknown]>('decide');

/** What the current details show, as data; null while the case is being loaded. */
export const describeCaseQuery = defineQuery<CaseView | null>('describe');

/** The same for a withdrawal. */
export const describeWithdrawalQuery = defineQuery<WithdrawalView | null>('describe');

/** The same for a trade that could not be settled. */
export const describeParkedTradeQuery = defineQuery<ParkedTradeView | null>('describe');

/** The same for what the reconciliation found. */
export const describeBreakCaseQuery = defineQuery<BreakCaseView | null>('describe');

/** The same for a correction of the books. */
export const describeAdjustmentQuery = defineQuery<AdjustmentView | null>('describe');

/** Closes a case of breaks. What was sent is read by `parseApproval`. */
export const closeUpdate = defineUpdate<Recorded, [unknown]>('close');

/** Takes a parked trade back. What was sent is read by `parseApproval`. */
export const bustUpdate = defineUpdate<Recorded, [unknown]>('bust');

/** Settles a parked trade once what was wrong is repaired; says whether it did. */
export const retryUpdate = defineUpdate<{ readonly settled: boolean; readonly message: string }>('retry');
