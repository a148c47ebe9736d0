import type { Decision, Outcome } from '../../domain/compliance/decision.ts';
import { DomainError, invariant } from '../../domain/errors.ts';
import { requireFreshFactor } from '../../domain/identity/totp.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId } from '../../domain/processes.ts';
import { decideCase, findCase, type KycCase, lockCase } from '../../storage/compliance/cases.ts';
import type { Db } from '../../storage/db.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { createRecorder } from '../identity/records.ts';
import { decideByCode, type Recorded, type SentDecision, type Through } from './by-code.ts';
import { countDecision, decisionDetails, type ProvenDecision } from './decisions.ts';
import { caseAggregate, type ComplianceDeps } from './parts.ts';
import { caseRevision } from './view.ts';

export interface DecideService {
  /**
   * Decides a case for the officer whose code this is: code, decision, case, the user's status, event and audit line
   * are one transaction. The same update again gets the first answer. Throws what `proveOfficer` and `countDecision`
   * throw, and CASE_NOT_FOUND.
   */
  byCode(caseId: string, decision: SentDecision, through: Through): Promise<Recorded>;
  /** The same for an officer signed in with a factor shown in the last 5 minutes. Throws SECOND_FACTOR_REQUIRED. */
  bySession(caller: Caller, caseId: string, decision: SessionDecision, origin: Origin): Promise<KycCase>;
}

export type SessionDecision = Pick<Decision, 'outcome' | 'revision' | 'reason'>;

const stateAfter = { approve: 'verified', reject: 'rejected', more_info: 'more_info' } as const;
const statusAfter = { approve: 'verified', reject: 'rejected' } as const;

/** Decides a case in the caller's transaction; false when this decision was counted before. */
type DecideCase = (tx: Db, caseId: string, decision: ProvenDecision, origin: Origin) => Promise<boolean>;

function createDecideCase({ newId, identity }: Pick<ComplianceDeps, 'newId' | 'identity'>): DecideCase {
  const record = createRecorder({ newId });

  async function audit(tx: Db, found: KycCase, decision: ProvenDecision, origin: Origin): Promise<void> {
    const { officerId, outcome, at } = decision;
    const { caseId, userId } = found;
    const details = { case_id: caseId, outcome, ...decisionDetails(processId('kycReview', caseId), decision) };
    const actor = { actor: 'officer', userId: officerId } as const;
    await record(tx, { ...actor, action: 'kyc.decide', resource: 'kyc_case', resourceId: caseId, details, origin, at });
    if (outcome === 'more_info') return;
    const change = { userId, kycStatus: statusAfter[outcome], decidedBy: actor, details, origin } as const;
    await identity.accounts.setKycStatus(tx, change);
  }

  async function decide(tx: Db, caseId: string, decision: ProvenDecision, origin: Origin): Promise<boolean> {
    const found = await lockCase(tx, caseId);
    if (found === undefined) throw notFound();
    const { state, userId } = found;
    const { first } = await countDecision(
      tx,
      { newId },
      {
        subject: 'kyc',
        subjectId: caseId,
        workflowId: processId('kycReview', caseId),
        open: state === 'review',
        state,
        revision: caseRevision(found),
        userIds: [userId],
      },
      decision,
    );
    if (!first) return false;
    const { outcome, reason, at } = decision;
    const moved = await decideCase(tx, { caseId, state: stateAfter[outcome], reason, at });
    invariant(moved, 'a case locked in review can be decided');
    await audit(tx, found, decision, origin);
    return true;
  }

  return decide;
}

export function createDecide(deps: ComplianceDeps): DecideService {
  const { db, clock, kickOutbox } = deps;
  const decide = createDecideCase(deps);

  return {
    async byCode(caseId, sent, through) {
      const { outcome } = sent;
      if (through.workflowId !== processId('kycReview', caseId)) throw notFound();
      await decideByCode(deps, { verb: outcome, sent, through }, (tx, decision, origin) =>
        decide(tx, caseId, decision, origin),
      );
      return { recorded: true, message: sentenceOf(outcome) };
    },
    async bySession(caller, caseId, { outcome, revision, reason }, origin) {
      const at = clock();
      if (caller.role !== 'compliance') throw new DomainError('FORBIDDEN', 'Only compliance officers decide cases.');
      requireFreshFactor(caller, at);
      const binding = `session ${caller.userId} ${caseId} ${outcome} ${revision}`;
      const via = { proof: 'session', binding, runId: null, updateId: null, at } as const;
      await db.tx('decide-kyc', async (tx) => {
        const decision = { ...via, officerId: caller.userId, outcome, revision, reason };
        if (!(await decide(tx, caseId, decision, origin))) return;
        const workflowId = processId('kycReview', caseId);
        const hint = { kind: 'signal', workflowId, signal: 'changed' } as const;
        await addToOutbox(tx, [{ aggregate: caseAggregate(caseId), ...hint }], at);
      });
      kickOutbox();
      const decided = await findCase(db, caseId);
      invariant(decided !== undefined, 'a case that was decided is there');
      return decided;
    },
  };
}

const sentences: Readonly<Record<Outcome, string>> = {
  approve: 'Recorded: the customer is verified.',
  reject: 'Recorded: the customer is rejected.',
  more_info: 'Recorded: the customer is asked for more.',
};
const sentenceOf = (outcome: Outcome): string => sentences[outcome];

const notFound = (): DomainError => new DomainError('CASE_NOT_FOUND', 'There is no such case.');
