import type { CountedDecision } from '../compliance/decision.ts';
import { decidedSoFar, decisionAsked, type DeskDeadlines, quoted } from '../compliance/desk.ts';

/** So many officers have to approve an adjustment, none of them the one who requested it. */
export const adjustmentApprovals = 2;

/** What an officer can say to an adjustment. */
export const adjustmentOutcomes = ['approve', 'reject'] as const;

/** To the user, or from her; the other side is the house's suspense account. */
export const adjustmentDirections = ['CREDIT', 'DEBIT'] as const;
export type AdjustmentDirection = (typeof adjustmentDirections)[number];

/** REFUSED: approved, but the user had less than she was to lose. */
export const adjustmentStates = ['REVIEW', 'POSTED', 'REJECTED', 'EXPIRED', 'REFUSED'] as const;
export type AdjustmentState = (typeof adjustmentStates)[number];

/** A correction of the books as the officers' desk and its workflow see it. Times are ISO 8601. */
export interface AdjustmentView extends DeskDeadlines {
  readonly adjustmentId: string;
  readonly userId: string;
  readonly asset: string;
  readonly amount: string;
  readonly direction: AdjustmentDirection;
  readonly reason: string;
  readonly reference?: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly state: AdjustmentState;
  /** Why it ended otherwise than posted. */
  readonly endedReason?: string;
  /** Names the facts above. */
  readonly revision: string;
  readonly decisions: readonly CountedDecision[];
}

const titles: Readonly<Record<AdjustmentState, string>> = {
  REVIEW: 'A decision is asked.',
  POSTED: 'Posted: the books are corrected. Nothing is left to do.',
  REJECTED: 'Rejected; nothing was moved.',
  EXPIRED: 'Expired; nothing was moved.',
  REFUSED: 'Approved, but it could not be posted; nothing was moved.',
};

/** The current details of an adjustment: what is to be moved, why and for whom, and exactly what to send. */
export function adjustmentDetails(view: AdjustmentView, note = ''): string {
  const { state, amount, asset, userId, direction } = view;
  const isOpen = state === 'REVIEW';
  return [
    `### ${direction === 'CREDIT' ? 'Credit' : 'Debit'} of ${amount} ${asset}, user ${userId}`,
    `**${titles[state]}**${note === '' ? '' : ` ${note}`}`,
    factsOf(view),
    decidedSoFar(view, adjustmentApprovals),
    isOpen ? `**${adjustmentApprovals} officers have to approve**, none of them the one who requested it.` : '',
    isOpen ? decisionAsked(view, adjustmentOutcomes) : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function factsOf(view: AdjustmentView): string {
  const user = `user ${view.userId}`;
  const house = "the house's suspense account";
  const [from, to] = view.direction === 'CREDIT' ? [house, user] : [user, house];
  return [
    `| Adjustment ${view.adjustmentId} | |`,
    '|---|---|',
    `| Moves | ${view.amount} ${view.asset} |`,
    `| From | ${from} |`,
    `| To | ${to} |`,
    `| Reason | ${quoted(view.reason)} |`,
    ...(view.reference === undefined ? [] : [`| Reference | ${quoted(view.reference)} |`]),
    `| Requested by | user ${view.requestedBy}, at ${view.requestedAt} |`,
    ...(view.endedReason === undefined ? [] : [`| Ended because | ${quoted(view.endedReason)} |`]),
  ].join('\n');
}
