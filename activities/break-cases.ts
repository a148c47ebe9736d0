import type { BreakCases } from '../services/ledger/break-cases.ts';

/** A case of breaks as its workflow sees it: it takes the id, and every call loads the row. */
export const createBreakCaseActivities = (cases: Pick<BreakCases, 'describe'>) => ({
  /** Null when there is no such case. */
  describeBreakCase: async (caseId: string) => (await cases.describe(caseId)) ?? null,
});

export type BreakCaseActivities = ReturnType<typeof createBreakCaseActivities>;
