import type { ProcessName } from '../../domain/processes.ts';

/** The line that stands beside a workflow in the officers' lists, fixed when it starts. */
export const summaryOf: Readonly<Record<ProcessName, (subject: string) => string>> = {
  registration: (userId) => `Registration of user ${userId}`,
  kycReview: (caseId) => `KYC review, case ${caseId}`,
  withdrawal: (id) => `Withdrawal ${id}`,
  deposit: (id) => `Deposit ${id}`,
  settlement: (symbol) => `Settlement of ${symbol} trades`,
  settlementException: (tradeId) => `Trade ${tradeId} could not be settled`,
  maintenance: () => 'Makes partitions ahead and archives old ones',
  dayEnd: () => 'Ends DAY orders of quiet markets',
  liabilityProof: () => 'Publishes what users have, and keeps their proofs',
  reconciliation: () => 'Has all books checked',
  reconciliationBreak: (caseId) => `The books do not agree, case ${caseId}`,
  adjustment: (id) => `Adjustment ${id} of the books`,
  cancelAllAfter: (timerId) => `Cancel-all-after, switch ${timerId}`,
};
