import type { CountedDecision } from '../compliance/decision.ts';
import { quoted } from '../compliance/desk.ts';

/** So many officers have to close a case of breaks. */
export const closeApprovals = 2;

/** Something that did not agree, as officers see it. */
export interface BreakView {
  readonly check: string;
  readonly subject: string;
  readonly finding: string;
  readonly foundAt: string;
  /** Unset while it is still found. */
  readonly mendedAt?: string;
}

/** What the reconciliation found, as officers see it. */
export interface BreakCaseView {
  readonly caseId: string;
  /** BROKEN while something is found; REVIEW once nothing is any more, and officers may close it. */
  readonly state: 'BROKEN' | 'REVIEW' | 'CLOSED';
  readonly openedAt: string;
  /** Assets whose withdrawals it halts; * stands for all. */
  readonly assets: readonly string[];
  /** The newest, should there be many. */
  readonly breaks: readonly BreakView[];
  /** How many there are in all. */
  readonly count: number;
  /** Names the facts above. */
  readonly revision: string;
  readonly decisions: readonly CountedDecision[];
}

/** What stands beside the update `close` in the UI. */
export const closeDescription =
  'Close this case and lift the halt of withdrawals. Send one JSON object: {"officer":"you@example.com",' +
  '"code":"123456","revision":"from the current details","reason":"why"}. code is what your authenticator shows now. ' +
  `It takes ${closeApprovals} officers, once the books are sound again.`;

const titles: Readonly<Record<BreakCaseView['state'], string>> = {
  BROKEN: 'The books do not agree. Nothing can be decided until they are repaired.',
  REVIEW: 'The books agree again. Two officers have to close this before withdrawals go on.',
  CLOSED: 'Closed: what it halted goes on. Nothing is left to do.',
};

/** The current details of a case of breaks: what was found, what is halted, and exactly what can be sent. */
export function breakCaseDetails(view: BreakCaseView): string {
  const { state, openedAt } = view;
  return [
    `### Reconciliation, found on ${openedAt}`,
    `**${titles[state]}**`,
    ...(state === 'CLOSED' ? [] : [haltOf(view)]),
    breaksOf(view),
    decisionsOf(view),
    ...(state === 'REVIEW' ? [askedOf(view)] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const haltOf = ({ assets }: BreakCaseView): string =>
  `**Halted**: withdrawals of ${assets.includes('*') ? 'all assets' : assets.join(', ')}. Trading goes on.`;

function breaksOf({ breaks, count }: BreakCaseView): string {
  const lines = breaks.map(
    ({ check, subject, finding, foundAt, mendedAt = 'no' }) =>
      `| ${check} | ${quoted(subject)} | ${quoted(finding)} | ${foundAt} | ${mendedAt} |`,
  );
  const table = ['| check | of | finding | found at | mended |', '|---|---|---|---|---|', ...lines].join('\n');
  return count > breaks.length ? `${table}\n\nThese are the newest ${breaks.length} of ${count}.` : table;
}

function decisionsOf({ decisions, revision }: BreakCaseView): string {
  const counted = decisions.filter((each) => each.revision === revision);
  if (counted.length === 0) return '';
  const lines = counted.map(({ officerId, decidedAt }) => `- ${decidedAt}: close, by officer ${officerId}`);
  return [`**Close** (${counted.length} of ${closeApprovals} approvals)`, ...lines].join('\n');
}

const askedOf = ({ revision }: BreakCaseView): string =>
  [
    '**What to do**: read how it came to this and how it was repaired, then More Actions → Send an Update → `close`,',
    `with this and your own e-mail address, code and reason. ${closeApprovals} officers have to.`,
    '',
    '```json',
    JSON.stringify({ officer: 'your e-mail address', code: '123456', revision, reason: 'why' }, null, 2),
    '```',
  ].join('\n');
