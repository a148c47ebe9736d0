import { DomainError } from '../errors.ts';

export const outcomes = ['approve', 'reject', 'more_info'] as const;
export type Outcome = (typeof outcomes)[number];

/** What an officer sends as the update `decide`. */
export interface Decision {
  /** Her e-mail address or user id. */
  readonly officer: string;
  /** The code her authenticator shows now. */
  readonly code: string;
  /** Names the facts she read: nobody decides on facts that changed meanwhile. */
  readonly revision: string;
  readonly outcome: Outcome;
  readonly reason: string;
}

/** A decision that was counted, as everybody may see it. */
export interface CountedDecision {
  readonly officerId: string;
  readonly outcome: Outcome;
  readonly revision: string;
  readonly decidedAt: string;
}

/** How many officers approved the facts that a revision names. */
export const countApprovals = (decisions: readonly CountedDecision[], named: string): number =>
  decisions.filter(({ outcome, revision }) => outcome === 'approve' && revision === named).length;

/** The longest reason: a few sentences. */
export const reasonMax = 1_000;

const rules: Readonly<Record<keyof Decision, readonly [fits: (text: string) => boolean, ask: string]>> = {
  officer: [(text) => /^\P{Cc}{1,320}$/u.test(text), 'officer: give your e-mail address'],
  code: [(text) => /^\d{6}$/.test(text), 'code: give the six digits of your authenticator, as text'],
  revision: [(text) => /^[0-9a-f]{12}$/.test(text), 'revision: copy it from the current details'],
  outcome: [(text) => outcomes.some((outcome) => outcome === text), `outcome: one of ${outcomes.join(', ')}`],
  reason: [
    (text) => text.length >= 3 && text.length <= reasonMax && !/[^\P{Cc}\n]/u.test(text),
    `reason: say why, in 3 to ${reasonMax} characters`,
  ],
};

/**
 * Reads what somebody sent as a decision. Throws INVALID_DECISION that names every fault in one sentence. `allowed`
 * are the outcomes this desk knows.
 */
export function parseDecision(sent: unknown, allowed: readonly Outcome[] = outcomes): Decision {
  const given = typeof sent === 'object' && sent !== null ? (sent as Readonly<Record<string, unknown>>) : {};
  const read = (name: keyof Decision): string => {
    const text = typeof given[name] === 'string' ? given[name] : '';
    return name === 'officer' || name === 'reason' ? text.trim() : text;
  };
  const missing = Object.entries(rules).flatMap(([name, [fits, ask]]) =>
    fits(read(name as keyof Decision)) ? [] : [ask],
  );
  const unknown = Object.keys(given).flatMap((name) =>
    Object.hasOwn(rules, name) ? [] : [`${name}: is unknown, leave it out`],
  );
  const outcome = allowed.find((each) => each === given['outcome']);
  const other = outcome === undefined && missing.length === 0 ? [`outcome: one of ${allowed.join(', ')}`] : [];
  const faults = [...missing, ...unknown, ...other];
  if (faults.length > 0 || outcome === undefined) {
    throw new DomainError('INVALID_DECISION', `Not recorded. Correct: ${faults.join('; ')}.`);
  }
  return {
    officer: read('officer'),
    code: read('code'),
    revision: read('revision'),
    outcome,
    reason: read('reason'),
  };
}

/** What an update brings that says itself what is decided: a decision without outcome. Throws INVALID_DECISION. */
export function parseApproval(sent: unknown): Decision {
  if (typeof sent === 'object' && sent !== null && Object.hasOwn(sent, 'outcome')) {
    throw new DomainError('INVALID_DECISION', 'Not recorded. Correct: outcome: is unknown, leave it out.');
  }
  return parseDecision({ ...(sent as object | null | undefined), outcome: 'approve' }, ['approve']);
}

/** What a desk shows of its case now. */
export interface Desk {
  /** True while officers are asked. */
  readonly open: boolean;
  /** Where the case stands, for the sentence that refuses. */
  readonly state: string;
  readonly revision: string;
  readonly counted: readonly CountedDecision[];
}

/**
 * Refuses what can be seen to be impossible before the officer's code is spent. Synchronous, since the validator of an
 * update must be. Throws DECISION_CLOSED, CASE_CHANGED or DECISION_DUPLICATE.
 */
export function checkDecision({ open, state, revision, counted }: Desk, decision: Decision): void {
  if (!open) throw decisionClosed(state);
  if (decision.revision !== revision) throw caseChanged();
  const earlier = counted.find(({ officerId }) => officerId === decision.officer.toLowerCase());
  if (earlier !== undefined && earlier.outcome !== decision.outcome) throw decidedAlready(earlier.outcome);
}

export const decisionClosed = (state: string): DomainError =>
  new DomainError(
    'DECISION_CLOSED',
    `Not recorded: nothing is to be decided, the case is ${state.replace('_', ' ')}.`,
    {
      state,
    },
  );

export const caseChanged = (): DomainError =>
  new DomainError('CASE_CHANGED', 'Not recorded: the case changed. Read it again and send the revision it shows now.');

export const decidedAlready = (outcome: Outcome): DomainError =>
  new DomainError('DECISION_DUPLICATE', `Not recorded: you decided before (${outcome}). Another officer has to.`);
