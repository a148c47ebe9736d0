import type { CaseView } from './case.ts';
import { countApprovals, type CountedDecision, type Outcome } from './decision.ts';

/** The update as an officer has to send it, with everything but herself filled in. */
export const decideExample = (revision: string, outcomes: readonly Outcome[]): string =>
  JSON.stringify(
    { officer: 'your e-mail address', code: '123456', revision, outcome: outcomes.join(' | '), reason: 'why' },
    null,
    2,
  );

/** What stands beside the update in the UI. */
export const decideDescription = (outcomes: readonly Outcome[]): string =>
  `Decide this case. Send one JSON object: ${JSON.stringify({
    officer: 'you@example.com',
    code: '123456',
    revision: 'from the current details',
    outcome: outcomes.join(' | '),
    reason: 'why',
  })}. code is what your authenticator shows now.`;

/** Text a customer wrote, so that it reads as she wrote it and cannot pose as ours: no Markdown, no line of its own. */
export const quoted = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&');

/** While officers are asked: when they are reminded, when it is overdue, when it expires. ISO 8601. */
export interface DeskDeadlines {
  readonly remindAt?: string;
  readonly dueAt?: string;
  readonly approveBy?: string;
}

/** What is decided on by approvals of several officers. */
interface Approvable extends DeskDeadlines {
  /** Names the facts that are shown. */
  readonly revision: string;
  readonly decisions: readonly CountedDecision[];
}

/** Every decision, and how many of the approvals needed these facts have; empty before the first. */
export function decidedSoFar({ decisions, revision }: Approvable, needed = 0): string {
  if (decisions.length === 0) return '';
  const lines = decisions.map(
    ({ officerId, outcome, decidedAt }) => `- ${decidedAt}: ${outcome}, by officer ${officerId}`,
  );
  return [`**Decided so far** (${countApprovals(decisions, revision)} of ${needed} approvals)`, ...lines].join('\n');
}

/** How to decide, until when, and exactly what to send. */
export const decisionAsked = ({ revision, dueAt, approveBy }: Approvable, outcomes: readonly Outcome[]): string =>
  [
    `**What to do** until ${dueAt ?? 'soon'} (it expires at ${approveBy ?? 'its time'}): More Actions →`,
    'Send an Update → `decide`, with this and your own e-mail address, code and reason. Each officer counts once.',
    '',
    '```json',
    decideExample(revision, outcomes),
    '```',
    '',
    'The revision stands for the facts above: when they change, it does. What is shown here is what counts.',
  ].join('\n');

/** The current details of a KYC review: what happened, the risk and why, what is asked, and exactly what to send. */
export function caseDetails(view: CaseView, note = ''): string {
  return [
    `### KYC review of user ${view.userId}`,
    `**${titles[view.state]}**${note === '' ? '' : ` ${note}`}`,
    personOf(view),
    riskOf(view),
    questionOf(view),
    decisionsOf(view),
    askedOf(view),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const titles: Readonly<Record<CaseView['state'], string>> = {
  draft: 'The customer has sent nothing yet.',
  screening: 'The automated checks are being made. Should a list be away, the case waits for it.',
  review: 'A decision is asked.',
  more_info: 'The customer was asked for more. Nothing is to be done until she answers.',
  verified: 'The customer is verified. Nothing is left to do.',
  rejected: 'The customer is rejected. Nothing is left to do.',
};

function personOf({ person, submission, caseId }: CaseView): string {
  if (person === undefined) return `Case ${caseId}.`;
  const { document } = person;
  return [
    `| Case ${caseId} | submission ${submission} |`,
    '|---|---|',
    `| Name | ${quoted(person.fullName)} |`,
    `| Born | ${person.dateOfBirth} |`,
    `| Address | ${quoted(person.address)}, ${person.country} |`,
    `| Document | ${document.type.replace('_', ' ')} ${quoted(document.number)} of ${document.country} |`,
    `| Valid until | ${document.expiresOn} |`,
    `| Pages | ${document.files.length === 0 ? 'none' : document.files.map(quoted).join(', ')} |`,
  ].join('\n');
}

function riskOf({ riskScore, reasons, sources }: CaseView): string {
  if (riskScore === undefined) return '';
  const why = reasons.map(({ points, text }) => `- ${points}: ${quoted(text)}`);
  const lines = why.length === 0 ? ['- nothing was found'] : why;
  return [`**Risk ${riskScore} of 100**, because:`, ...lines, '', `Checked by ${sources.map(quoted).join('; ')}.`].join(
    '\n',
  );
}

const questionOf = ({ asked }: CaseView): string =>
  asked === undefined ? '' : `**The customer was asked last:** ${quoted(asked)}`;

function decisionsOf({ decisions }: CaseView): string {
  const lines = decisions.map(
    ({ officerId, outcome, decidedAt }) => `- ${decidedAt}: ${outcome.replace('_', ' ')}, by officer ${officerId}`,
  );
  return lines.length === 0 ? '' : ['**Decided so far**', ...lines].join('\n');
}

function askedOf({ state, revision, dueAt }: CaseView): string {
  if (state !== 'review') return '';
  return [
    `**What to do** until ${dueAt ?? 'soon'}: More Actions → Send an Update → \`decide\`, with this and your own`,
    'e-mail address, code and reason. `more_info` mails your reason to the customer, so write it for her.',
    '',
    '```json',
    decideExample(revision, ['approve', 'reject', 'more_info']),
    '```',
    '',
    'The revision stands for the facts above: when they change, it does. What is shown here is what counts.',
  ].join('\n');
}
