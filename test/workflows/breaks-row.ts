import type { BreakCaseActivities } from '../../activities/break-cases.ts';
import type { OfficerActivities } from '../../activities/officers.ts';
import { type BreakCaseView, closeApprovals } from '../../domain/ledger/break-case.ts';

export const breaksRevision = 'abcdef012345';

/** A case of breaks whose row is a variable. */
export function createBreaksRow(caseId: string) {
  const row = { state: 'BROKEN' as BreakCaseView['state'] | 'none', approvals: [] as string[] };
  const view = (state: BreakCaseView['state']): BreakCaseView => ({
    caseId,
    state,
    openedAt: '2026-03-01T00:00:00.000Z',
    assets: ['USDT'],
    breaks: [
      { check: 'zero-sum', subject: 'USDT', finding: 'sums to 1', foundAt: '2026-03-01T00:00:00.000Z' },
      {
        check: 'balances',
        subject: 'account 7',
        finding: 'holds 101 USDT, its transfers say 100',
        foundAt: '2026-03-01T00:00:00.000Z',
        mendedAt: '2026-03-01T01:00:00.000Z',
      },
    ],
    count: 2,
    revision: breaksRevision,
    decisions: row.approvals.map((officerId) => ({
      officerId,
      outcome: 'approve',
      revision: breaksRevision,
      decidedAt: '2026-03-01T02:00:00.000Z',
    })),
  });
  const activities: BreakCaseActivities & OfficerActivities = {
    describeBreakCase: async () => (row.state === 'none' ? null : view(row.state)),
    proveOfficer: async ({ officer }) => {
      row.approvals.push(officer);
      if (row.approvals.length >= closeApprovals) row.state = 'CLOSED';
      return { recorded: true, message: `Recorded: ${row.approvals.length} of ${closeApprovals} approvals.` };
    },
  };
  return { row, activities };
}
