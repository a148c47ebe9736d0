import { DomainError, invariant } from '../../domain/errors.ts';
import { type BreakCaseView, closeApprovals } from '../../domain/ledger/break-case.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId, processStart } from '../../domain/processes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { listDecisions } from '../../storage/compliance/decisions.ts';
import type { Database, Db } from '../../storage/db.ts';
import {
  type BreakCase,
  closeBreakCase,
  findBreakCase,
  findOpenCase,
  type KeptBreak,
  listBreaks,
  lockBreakCase,
} from '../../storage/ledger/breaks.ts';
import { wantFullCheck } from '../../storage/ledger/checks.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { decideByCode, type Recorded, type SentDecision, type Through } from '../compliance/by-code.ts';
import { countDecision, decisionDetails, type ProvenDecision } from '../compliance/decisions.ts';
import { revisionOf } from '../compliance/desk-facts.ts';
import type { IdentityService } from '../identity/identity.ts';
import { createRecorder } from '../identity/records.ts';
import type { FindUnfinished } from '../outbox/ports.ts';
import { breaksEvent } from './break-events.ts';

/** What stops money from leaving while the books do not agree. */
export interface Halts {
  /** Halts withdrawals of these assets; none named: of all. */
  halt(tx: Db, assets: readonly string[], reason: string, at: Date): Promise<unknown>;
  /** Lifts what was halted so, and no person's halt. */
  lift(tx: Db): Promise<unknown>;
}

/** What the checks found: what people see of it, and how they end it. */
export interface BreakCases {
  /** What officers see; undefined for an unknown case. */
  describe(caseId: string): Promise<BreakCaseView | undefined>;
  /**
   * Closes a case for two officers, once nothing is found any more, and lifts its halts. Throws what `proveOfficer` and
   * `countDecision` throw, and CASE_NOT_FOUND.
   */
  close(caseId: string, decision: SentDecision, through: Through): Promise<Recorded>;
  /** Has the reconciler make a full check, which it does within a minute. */
  wantFullCheck(): Promise<void>;
  /** The case that must have a running workflow. */
  readonly findOpen: FindUnfinished;
}

export interface BreakCaseDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly halts: Halts;
  readonly identity: Pick<IdentityService, 'proveOfficer'>;
  readonly kickOutbox: () => void;
}

const mostShown = 30;

export function createBreakCases(deps: BreakCaseDeps): BreakCases {
  const { db } = deps;
  return {
    async describe(caseId) {
      const found = await findBreakCase(db, caseId);
      if (found === undefined) return undefined;
      const decisions = await listDecisions(db, { subject: 'breaks', subjectId: caseId });
      return viewOf(found, await listBreaks(db, caseId), decisions);
    },
    close: createClose(deps),
    async wantFullCheck() {
      await wantFullCheck(db);
    },
    async findOpen({ after, createdBefore }) {
      const open = await findOpenCase(db);
      if (open === undefined || after !== undefined || open.openedAt >= createdBefore) return [];
      return [processStart('reconciliationBreak', open.caseId)];
    },
  };
}

function createClose({ clock, newId, halts, identity, kickOutbox }: BreakCaseDeps): BreakCases['close'] {
  const record = createRecorder({ newId });

  async function decide(tx: Db, caseId: string, decision: ProvenDecision, origin: Origin): Promise<Recorded> {
    const found = await lockBreakCase(tx, caseId);
    if (found === undefined) throw notFound();
    const breaks = await listBreaks(tx, caseId);
    const workflowId = processId('reconciliationBreak', caseId);
    const state = stateOf(found, breaks);
    const current = breaksRevision(caseId, breaks);
    const facts = { subject: 'breaks', subjectId: caseId, workflowId, revision: current, userIds: [] } as const;
    const named = { ...facts, open: state === 'REVIEW', state: state.toLowerCase() };
    const { first, approvals } = await countDecision(tx, { newId }, named, decision);
    if (!first) return answer(approvals);
    const { officerId, at } = decision;
    const details = decisionDetails(workflowId, decision);
    const what = { action: 'reconciliation.close', resource: 'break_case', resourceId: caseId, details };
    await record(tx, { ...what, actor: 'officer', userId: officerId, origin, at });
    if (approvals >= closeApprovals) {
      const closed = await closeBreakCase(tx, caseId, at);
      invariant(closed, 'an open case that is locked can be closed');
      await halts.lift(tx);
      await addToOutbox(tx, [breaksEvent('wallet.reconciliation.closed', newId(), caseId, [], at)], at);
    }
    return answer(approvals);
  }

  return async (caseId, sent, through) => {
    if (through.workflowId !== processId('reconciliationBreak', caseId)) throw notFound();
    const recorded = await decideByCode({ clock, identity }, { verb: 'close', sent, through }, (tx, decision, origin) =>
      decide(tx, caseId, decision, origin),
    );
    kickOutbox();
    return recorded;
  };
}

function stateOf({ state }: BreakCase, breaks: readonly KeptBreak[]): BreakCaseView['state'] {
  if (state === 'closed') return 'CLOSED';
  return breaks.some((each) => each.state === 'open') ? 'BROKEN' : 'REVIEW';
}

/** What is decided on: what was found, and whether it still is. */
const breaksRevision = (caseId: string, breaks: readonly KeptBreak[]): string =>
  revisionOf([caseId, breaks.map(({ breakId, state }) => [breakId, state])]);

function viewOf(found: BreakCase, breaks: readonly KeptBreak[], decisions: BreakCaseView['decisions']): BreakCaseView {
  const { caseId, openedAt } = found;
  const halted = new Set(breaks.flatMap(({ assets }) => (assets.length === 0 ? ['*'] : assets)));
  return {
    caseId,
    state: stateOf(found, breaks),
    openedAt: openedAt.toISOString(),
    assets: halted.has('*') ? ['*'] : [...halted].toSorted(),
    breaks: breaks.slice(-mostShown).map(({ check, subject, finding, foundAt, mendedAt }) => ({
      ...{ check, subject, finding, foundAt: foundAt.toISOString() },
      ...(mendedAt !== undefined && { mendedAt: mendedAt.toISOString() }),
    })),
    count: breaks.length,
    revision: breaksRevision(caseId, breaks),
    decisions,
  };
}

const answer = (approvals: number): Recorded => ({
  recorded: true,
  message:
    approvals >= closeApprovals
      ? 'Recorded: the case is closed and withdrawals go on.'
      : `Recorded: ${approvals} of ${closeApprovals} approvals.`,
});

const notFound = (): DomainError => new DomainError('CASE_NOT_FOUND', 'There is no such case.');
