import type { OfficerActivities } from '../../activities/officers.ts';
import type { WithdrawalActivities } from '../../activities/withdrawals.ts';
import { DomainError } from '../../domain/errors.ts';
import type { WithdrawalState, WithdrawalView } from '../../domain/payments/withdrawal.ts';

const hour = 3_600_000;

export const revision = 'abcdef012345';

export interface WithdrawalRowOptions {
  readonly id: string;
  /** The workflow server's clock, in milliseconds. */
  readonly now: () => Promise<number>;
  readonly state?: WithdrawalState | 'none' | undefined;
  /** Approvals that are needed. */
  readonly needed?: number | undefined;
  readonly heldFor?: number | undefined;
  readonly pendingFor?: number | undefined;
  readonly mailFails?: boolean | undefined;
  readonly prove?: (() => Promise<void>) | undefined;
}

interface Row {
  state: WithdrawalState | 'none';
  approvals: number;
  reviewSince: number;
}

/** What the activities share: the row, and the list of what was done. */
interface World {
  readonly row: Row;
  readonly log: (what: string) => Promise<void>;
  readonly move: (from: WithdrawalState, to: WithdrawalState) => void;
}

type Activities = WithdrawalActivities & OfficerActivities;

/** A withdrawal whose row is a variable; what was done is a list with the hour it was done at. */
export async function createWithdrawalRow(options: WithdrawalRowOptions) {
  const { now, state = 'REQUESTED' } = options;
  const begun = await now();
  const row: Row = { state, approvals: 0, reviewSince: begun };
  const done: string[] = [];
  const world: World = {
    row,
    async log(what) {
      done.push(`${what} at ${Math.round(((await now()) - begun) / hour)} h`);
    },
    move(from, to) {
      if (row.state === from) row.state = to;
    },
  };
  const activities: Activities = {
    async describeWithdrawal() {
      return row.state === 'none' ? null : viewOf(options, begun, { ...row, state: row.state });
    },
    ...decideSteps(options, world),
    ...sendingSteps(options, world),
  };
  return { row, done, activities };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const viewOf = (
  { id, needed = 0 }: WithdrawalRowOptions,
  begun: number,
  { state, reviewSince }: { readonly state: WithdrawalState; readonly reviewSince: number },
): WithdrawalView => ({
  withdrawalId: id,
  userId: 'user-1',
  state,
  revision,
  asset: 'USDT',
  amount: '5000',
  address: 'dev1destination',
  quoteValue: '5000',
  approvalsNeeded: needed,
  reasons: [],
  decisions: [],
  confirmBy: iso(begun + 24 * hour),
  ...(state === 'REVIEW' && {
    remindAt: iso(reviewSince + 4 * hour),
    dueAt: iso(reviewSince + 24 * hour),
    approveBy: iso(reviewSince + 48 * hour),
  }),
});

type SendingStep = 'prepareWithdrawal' | 'broadcastWithdrawal' | 'confirmWithdrawal' | 'settleWithdrawal';

/** From the request to the approval, and its ends. */
function decideSteps(
  { now, needed = 0, mailFails = false, prove }: WithdrawalRowOptions,
  { row, log, move }: World,
): Omit<Activities, SendingStep | 'describeWithdrawal'> {
  return {
    async askConfirmation() {
      if (mailFails) throw new Error('550 no such mailbox');
      await log('asked');
      move('REQUESTED', 'AWAITING_CONFIRMATION');
    },
    async screenWithdrawal() {
      row.reviewSince = await now();
      move('SCREENING', needed === 0 ? 'APPROVED' : 'REVIEW');
    },
    async expireWithdrawal() {
      if (!['REQUESTED', 'AWAITING_CONFIRMATION', 'REVIEW'].includes(row.state)) return;
      await log('expired');
      row.state = 'EXPIRED';
    },
    sendWithdrawalMail: () => log(`mail ${row.state}`),
    remindApprovers: () => log('reminder'),
    escalateWithdrawal: () => log('escalation'),
    async proveOfficer({ outcome }) {
      await prove?.();
      row.approvals += 1;
      if (outcome === 'reject') row.state = 'REJECTED';
      else if (row.approvals >= needed) row.state = 'APPROVED';
      return { recorded: true, message: `Recorded: ${row.approvals} of ${needed} approvals.` };
    },
  };
}

/** From the approval to the books. */
function sendingSteps(
  { heldFor = 0, pendingFor = 0 }: WithdrawalRowOptions,
  { row, log, move }: World,
): Pick<Activities, SendingStep> {
  let held = heldFor;
  let pending = pendingFor;
  return {
    async prepareWithdrawal() {
      if (row.state === 'APPROVED' && held-- > 0) return 'held';
      move('APPROVED', 'SIGNING');
      return 'ready';
    },
    async broadcastWithdrawal() {
      await log('sent');
      move('SIGNING', 'BROADCAST');
    },
    async confirmWithdrawal() {
      if (pending-- > 0) throw new DomainError('UNAVAILABLE', 'Confirmed 0 of 2 times.');
      move('BROADCAST', 'CONFIRMED');
    },
    async settleWithdrawal() {
      await log('settled');
      move('CONFIRMED', 'SETTLED');
    },
  };
}
