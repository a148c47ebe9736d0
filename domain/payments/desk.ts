import { decideExample, quoted } from '../compliance/desk.ts';
import type { WithdrawalState, WithdrawalView } from './withdrawal.ts';

/** What an officer can say to a withdrawal. */
export const withdrawalOutcomes = ['approve', 'reject'] as const;

const titles: Readonly<Record<WithdrawalState, string>> = {
  REQUESTED: 'Requested. The customer is mailed a link to confirm it.',
  AWAITING_CONFIRMATION: 'The customer has to confirm it by the link in her mail.',
  SCREENING: 'The destination is being checked. Should a list be away, the withdrawal waits for it.',
  REVIEW: 'A decision is asked.',
  APPROVED: 'Approved. It will be signed; where sending is halted, it waits.',
  SIGNING: 'It is being signed and sent.',
  BROADCAST: 'Sent. Waiting for the chain to confirm it.',
  CONFIRMED: 'Confirmed by the chain. The books are being settled.',
  SETTLED: 'Settled. Nothing is left to do.',
  CANCELLED: 'Cancelled by the customer; the funds are back.',
  REJECTED: 'Rejected; the funds are back.',
  EXPIRED: 'Expired; the funds are back.',
};

/** The current details of a withdrawal: what happened, the risk and why, what is asked, and exactly what to send. */
export function withdrawalDetails(view: WithdrawalView, note = ''): string {
  return [
    `### Withdrawal of ${view.amount} ${view.asset} by user ${view.userId}`,
    `**${titles[view.state]}**${note === '' ? '' : ` ${note}`}`,
    factsOf(view),
    riskOf(view),
    decisionsOf(view),
    askedOf(view),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const factsOf = (view: WithdrawalView): string =>
  [
    `| Withdrawal ${view.withdrawalId} | |`,
    '|---|---|',
    `| Amount | ${view.amount} ${view.asset} |`,
    `| Worth | ${view.quoteValue} |`,
    `| To | ${quoted(view.address)} |`,
    ...(view.txHash === undefined ? [] : [`| Transaction | ${view.txHash} |`]),
    ...(view.endedReason === undefined ? [] : [`| Ended because | ${quoted(view.endedReason)} |`]),
  ].join('\n');

function riskOf({ approvalsNeeded, reasons }: WithdrawalView): string {
  if (approvalsNeeded === undefined) return '';
  const needed = approvalsNeeded === 0 ? 'No officer is needed' : `Officers needed: ${approvalsNeeded}`;
  return [`**${needed}**, because:`, ...reasons.map(({ text }) => `- ${quoted(text)}`)].join('\n');
}

function decisionsOf({ decisions, revision, approvalsNeeded = 0 }: WithdrawalView): string {
  if (decisions.length === 0) return '';
  const lines = decisions.map(
    ({ officerId, outcome, decidedAt }) => `- ${decidedAt}: ${outcome}, by officer ${officerId}`,
  );
  const approvals = decisions.filter((each) => each.outcome === 'approve' && each.revision === revision).length;
  return [`**Decided so far** (${approvals} of ${approvalsNeeded} approvals)`, ...lines].join('\n');
}

function askedOf({ state, revision, approveBy, dueAt }: WithdrawalView): string {
  if (state !== 'REVIEW') return '';
  return [
    `**What to do** until ${dueAt ?? 'soon'} (it expires at ${approveBy ?? 'its time'}): More Actions →`,
    'Send an Update → `decide`, with this and your own e-mail address, code and reason. Each officer counts once.',
    '',
    '```json',
    decideExample(revision, withdrawalOutcomes),
    '```',
    '',
    'The revision stands for the facts above: when they change, it does. What is shown here is what counts.',
  ].join('\n');
}
