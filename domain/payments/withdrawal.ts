import type { CountedDecision } from '../compliance/decision.ts';
import type { Explanation, RiskReason } from '../compliance/case.ts';
import type { DeskDeadlines } from '../compliance/desk.ts';
import { divide, formatDecimal, parseDecimal } from '../money.ts';

export const withdrawalStates = [
  'REQUESTED',
  'AWAITING_CONFIRMATION',
  'SCREENING',
  'REVIEW',
  'APPROVED',
  'SIGNING',
  'BROADCAST',
  'CONFIRMED',
  'SETTLED',
  'CANCELLED',
  'REJECTED',
  'EXPIRED',
] as const;
export type WithdrawalState = (typeof withdrawalStates)[number];

/** Until signing begins the funds can be given back: nothing can be on its way yet. */
export const beforeSigning = ['REQUESTED', 'AWAITING_CONFIRMATION', 'SCREENING', 'REVIEW', 'APPROVED'] as const;

/** A withdrawal as the officers' desk and its workflow see it. Times are ISO 8601. */
export interface WithdrawalView extends DeskDeadlines {
  readonly withdrawalId: string;
  readonly userId: string;
  readonly state: WithdrawalState;
  readonly revision: string;
  readonly asset: string;
  readonly amount: string;
  readonly address: string;
  readonly quoteValue: string;
  readonly approvalsNeeded?: number;
  readonly reasons: readonly RiskReason[];
  readonly decisions: readonly CountedDecision[];
  readonly confirmBy: string;
  readonly txHash?: string;
  readonly endedReason?: string;
}

/** In quote value, as decimal strings. */
export interface WithdrawalRules {
  readonly automaticUpTo: string;
  readonly oneOfficerUpTo: string;
  readonly dailyLimit: string;
  readonly monthlyLimit: string;
}

/** Decimals of a value in quote: enough for any price times any amount. */
const scale = 18;
const atoms = (value: string): bigint => parseDecimal(value, scale);

/** What a column of amounts holds at most; beyond every limit. */
const most = 10n ** 38n - 1n;

/** What an amount is worth, rounded up: a limit is never passed by rounding. At most what a column holds. */
export function worth(amount: string, price: string): string {
  const exact = divide(atoms(amount) * atoms(price), 10n ** BigInt(scale), 'up');
  return formatDecimal(exact > most ? most : exact, scale);
}

/** How many officers must approve: nobody up to a threshold, two different ones for the grave. */
export function approvalsFor(
  { quoteValue, listed }: { readonly quoteValue: string; readonly listed: boolean },
  { automaticUpTo, oneOfficerUpTo }: WithdrawalRules,
): 0 | 1 | 2 {
  if (listed || atoms(quoteValue) > atoms(oneOfficerUpTo)) return 2;
  return atoms(quoteValue) > atoms(automaticUpTo) ? 1 : 0;
}

export interface Breach {
  readonly limit: string;
  readonly period: '24 h' | '30 d';
  readonly left: string;
}

/** The limit that a further withdrawal would break, or undefined. `used` is what counts already. */
export function breachOf(
  quoteValue: string,
  used: { readonly day: string; readonly month: string },
  { dailyLimit, monthlyLimit }: WithdrawalRules,
): Breach | undefined {
  const { day, month } = leftOf(used, { dailyLimit, monthlyLimit });
  if (atoms(quoteValue) > atoms(day)) return { limit: dailyLimit, period: '24 h', left: day };
  if (atoms(quoteValue) > atoms(month)) return { limit: monthlyLimit, period: '30 d', left: month };
  return undefined;
}

/** What may still be withdrawn, in quote value. */
export function leftOf(
  used: { readonly day: string; readonly month: string },
  { dailyLimit, monthlyLimit }: Pick<WithdrawalRules, 'dailyLimit' | 'monthlyLimit'>,
): { readonly day: string; readonly month: string } {
  const left = (limit: string, taken: string): string => {
    const rest = atoms(limit) - atoms(taken);
    return formatDecimal(rest > 0n ? rest : 0n, scale);
  };
  return { day: left(dailyLimit, used.day), month: left(monthlyLimit, used.month) };
}

/** Where a withdrawal stands, which rule holds it, who acts next, by when, and what its owner can do. */
export function explainWithdrawal(view: WithdrawalView): Explanation {
  const { state, confirmBy, approveBy, endedReason } = view;
  const youCan = (beforeSigning as readonly string[]).includes(state) ? ['POST /withdrawals/{id}/cancel'] : [];
  switch (state) {
    case 'REQUESTED':
    case 'AWAITING_CONFIRMATION':
      return {
        text: 'Open the link in the mail we sent you to confirm it.',
        rule: 'MAIL_CONFIRMATION',
        nextActor: 'you',
        by: confirmBy,
        youCan: ['POST /withdrawals/{id}/confirm', ...youCan],
      };
    case 'SCREENING':
      return { text: 'The destination is being checked.', rule: 'SCREENING', nextActor: 'system', youCan };
    case 'REVIEW':
      return {
        text: 'Officers are looking at it, because of its value or destination.',
        rule: 'OFFICER_REVIEW',
        nextActor: 'officer',
        ...(approveBy !== undefined && { by: approveBy }),
        youCan,
      };
    case 'APPROVED':
      return { text: 'It is approved and will be signed.', rule: null, nextActor: 'system', youCan };
    case 'SIGNING':
    case 'BROADCAST':
    case 'CONFIRMED':
      return { text: 'It is on its way and cannot be cancelled any more.', rule: null, nextActor: 'system', youCan };
    case 'SETTLED':
      return { text: 'It has arrived.', rule: null, nextActor: 'nobody', youCan };
    case 'CANCELLED':
    case 'REJECTED':
    case 'EXPIRED':
      return {
        text: `It was ${state.toLowerCase()} (${endedReason ?? 'no reason is kept'}). The funds are back.`,
        rule: null,
        nextActor: 'nobody',
        youCan,
      };
  }
}
