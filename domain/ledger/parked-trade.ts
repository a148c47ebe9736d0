import type { CountedDecision } from '../compliance/decision.ts';
import { quoted } from '../compliance/desk.ts';

/** A parked trade waits for people; then it is settled after all, or taken back. */
export type ParkedTradeState = 'parked' | 'settled' | 'busted';

/** So many officers have to approve of taking a trade back. */
export const bustApprovals = 2;

/** A parked trade as officers see it. Amounts are decimal strings. */
export interface ParkedTradeView {
  readonly tradeId: string;
  readonly symbol: string;
  readonly tradeSeq: number;
  /** REVIEW while people are asked. */
  readonly state: 'REVIEW' | 'SETTLED' | 'BUSTED';
  /** The rule it broke when it was last tried. */
  readonly reason: string;
  readonly parkedAt: string;
  readonly buyerUserId: string;
  readonly sellerUserId: string;
  readonly buyerOrderId: string;
  readonly sellerOrderId: string;
  readonly baseAmount: string;
  readonly quoteAmount: string;
  readonly buyerFee: string;
  readonly sellerFee: string;
  readonly buyerRelease: string;
  /** Names the facts above. */
  readonly revision: string;
  readonly decisions: readonly CountedDecision[];
}

const bustExample = (revision: string): string =>
  JSON.stringify({ officer: 'your e-mail address', code: '123456', revision, reason: 'why' }, null, 2);

/** What stands beside the update `bust` in the UI. */
export const bustDescription =
  'Take this trade back. Send one JSON object: {"officer":"you@example.com","code":"123456","revision":"from the ' +
  `current details","reason":"why"}. code is what your authenticator shows now. It takes ${bustApprovals} officers.`;

const titles: Readonly<Record<ParkedTradeView['state'], string>> = {
  REVIEW: 'It could not be settled and waits for you; all other trades go on.',
  SETTLED: 'Settled. Nothing is left to do.',
  BUSTED: 'Taken back: both sides have what they had reserved for it. Nothing is left to do.',
};

/** The current details of a parked trade: what it is, why it waits, and exactly what can be sent. */
export function parkedTradeDetails(view: ParkedTradeView): string {
  return [`### Trade ${view.tradeId} of ${view.symbol}`, `**${titles[view.state]}**`, factsOf(view), decisionsOf(view)]
    .concat(view.state === 'REVIEW' ? [askedOf(view)] : [])
    .filter((part) => part !== '')
    .join('\n\n');
}

const factsOf = (view: ParkedTradeView): string =>
  [
    `| Trade ${view.tradeSeq} of its market | parked at ${view.parkedAt} |`,
    '|---|---|',
    `| Why | ${quoted(view.reason)} |`,
    `| Buyer | user ${view.buyerUserId}, order ${view.buyerOrderId} |`,
    `| Seller | user ${view.sellerUserId}, order ${view.sellerOrderId} |`,
    `| Quantity, in base | ${view.baseAmount}, fee ${view.buyerFee} |`,
    `| Amount, in quote | ${view.quoteAmount}, fee ${view.sellerFee}; ${view.buyerRelease} goes back to the buyer |`,
  ].join('\n');

function decisionsOf({ decisions, revision }: ParkedTradeView): string {
  const counted = decisions.filter((each) => each.revision === revision);
  if (counted.length === 0) return '';
  const lines = counted.map(({ officerId, decidedAt }) => `- ${decidedAt}: bust, by officer ${officerId}`);
  return [`**Take back** (${counted.length} of ${bustApprovals} approvals)`, ...lines].join('\n');
}

const askedOf = ({ revision }: ParkedTradeView): string =>
  [
    '**What to do**: have repaired what is wrong, then More Actions → Send an Update → `retry`, without input: it is',
    'settled exactly as it was made. Only where that cannot be: `bust`, with this and your own e-mail address, code',
    `and reason. ${bustApprovals} officers have to, and both sides get back what they had reserved for it.`,
    '',
    '```json',
    bustExample(revision),
    '```',
  ].join('\n');
