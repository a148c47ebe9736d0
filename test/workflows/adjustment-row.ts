import type { AdjustmentActivities } from '../../activities/adjustments.ts';
import type { OfficerActivities } from '../../activities/officers.ts';
import { adjustmentApprovals, type AdjustmentState, type AdjustmentView } from '../../domain/ledger/adjustment.ts';

const hour = 3_600_000;

export const adjustmentRevision = 'abcdef012345';

export interface AdjustmentRowOptions {
  readonly id: string;
  /** The workflow server's clock, in milliseconds. */
  readonly now: () => Promise<number>;
  readonly state?: AdjustmentState | 'none' | undefined;
  /** What the last approval makes of it. */
  readonly end?: 'POSTED' | 'REFUSED' | undefined;
  readonly mailFails?: boolean | undefined;
  readonly prove?: (() => Promise<void>) | undefined;
}

/** An adjustment whose row is a variable; what was done is a list with the hour it was done at. */
export async function createAdjustmentRow(options: AdjustmentRowOptions) {
  const { id, now, state = 'REVIEW', end = 'POSTED', mailFails = false, prove } = options;
  const begun = await now();
  const row = { state, approvals: [] as string[] };
  const done: string[] = [];
  const log = async (what: string): Promise<void> => {
    done.push(`${what} at ${Math.round(((await now()) - begun) / hour)} h`);
  };
  const mail = async (what: string): Promise<void> => {
    if (mailFails) throw new Error('550 no such mailbox');
    await log(what);
  };
  const activities: AdjustmentActivities & OfficerActivities = {
    describeAdjustment: async () => (row.state === 'none' ? null : viewOf(id, begun, { ...row, state: row.state })),
    async expireAdjustment() {
      if (row.state !== 'REVIEW' || (await now()) < begun + 48 * hour) return;
      await log('expired');
      row.state = 'EXPIRED';
    },
    remindOfAdjustment: () => mail('reminder'),
    escalateAdjustment: () => mail('escalation'),
    async proveOfficer({ officer, outcome }) {
      await prove?.();
      if (outcome === 'approve') row.approvals.push(officer);
      if (outcome === 'reject') row.state = 'REJECTED';
      else if (row.approvals.length >= adjustmentApprovals) row.state = end;
      return { recorded: true, message: `Recorded: ${row.approvals.length} of ${adjustmentApprovals} approvals.` };
    },
  };
  return { row, done, activities };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const viewOf = (
  adjustmentId: string,
  begun: number,
  { state, approvals }: { readonly state: AdjustmentState; readonly approvals: readonly string[] },
): AdjustmentView => ({
  adjustmentId,
  userId: 'user-1',
  asset: 'USDT',
  amount: '5',
  direction: 'CREDIT',
  reason: 'credited to somebody else',
  requestedBy: 'admin-1',
  requestedAt: iso(begun),
  state,
  revision: adjustmentRevision,
  decisions: approvals.map((officerId) => ({
    officerId,
    outcome: 'approve',
    revision: adjustmentRevision,
    decidedAt: iso(begun),
  })),
  ...(state === 'REVIEW' && {
    remindAt: iso(begun + 4 * hour),
    dueAt: iso(begun + 24 * hour),
    approveBy: iso(begun + 48 * hour),
  }),
});
