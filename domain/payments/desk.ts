import { decidedSoFar, decisionAsked, quoted } from '../compliance/desk.ts';
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
    decidedSoFar(view, view.approvalsNeeded),
    view.state === 'REVIEW' ? decisionAsked(view, withdrawalOutcomes) : '',
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
