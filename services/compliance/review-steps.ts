import type { CaseView } from '../../domain/compliance/case.ts';
import {
  assess,
  type CheckKind,
  checkKinds,
  type CheckResult,
  countryReasons,
  countryRules,
  documentReasons,
  duplicateReasons,
  pointsOf,
} from '../../domain/compliance/risk.ts';
import { invariant } from '../../domain/errors.ts';
import { processId, processStart } from '../../domain/processes.ts';
import type { Mail } from '../../gateways/mail/mail.ts';
import type { ScreenedPerson } from '../../gateways/screening/screening.ts';
import {
  countDuplicates,
  endScreening,
  findCase,
  type KycCase,
  listChecks,
  listRunningCases,
  putCheck,
} from '../../storage/compliance/cases.ts';
import { listDecisions } from '../../storage/compliance/decisions.ts';
import type { FindUnfinished } from '../outbox/ports.ts';
import { caseLetters, deskLetter } from './letters.ts';
import type { ComplianceDeps } from './parts.ts';
import { viewOf } from './view.ts';

/** What the KYC workflow does, one step each; every step looks at the row and may be repeated. */
export interface ReviewSteps {
  /** The case as officers see it; undefined when there is none. */
  describe(caseId: string): Promise<CaseView | undefined>;
  /** Checks made by rules of our own: kept once a submission. */
  check(caseId: string, kind: Exclude<CheckKind, 'names'>): Promise<void>;
  /** Whom to look for on the lists; undefined when the case is not in screening any more. */
  personToScreen(caseId: string): Promise<{ readonly submission: number; readonly person: ScreenedPerson } | undefined>;
  keepCheck(caseId: string, submission: number, result: CheckResult): Promise<void>;
  /** Ends the screening with its score: to officers, or approved where the rules allow it. Waits for every check. */
  assess(caseId: string): Promise<void>;
  /** The mail about how a case was decided; undefined when it is not. */
  letterFor(caseId: string): Promise<Mail | undefined>;
  /** The mail to the desk about a case that still waits for an officer. */
  deskLetterFor(caseId: string, kind: 'reminder' | 'overdue'): Promise<Mail | undefined>;
  readonly findUnfinished: FindUnfinished;
}

export function createReviewSteps(deps: ComplianceDeps): ReviewSteps {
  const { db, clock, identity, rules } = deps;
  const today = (): string => clock().toISOString().slice(0, 10);

  async function inScreening(caseId: string) {
    const found = await findCase(db, caseId);
    return found?.state === 'screening' && found.person !== undefined ? { ...found, person: found.person } : undefined;
  }

  const keepCheck = (caseId: string, submission: number, result: CheckResult): Promise<void> =>
    putCheck(db, { caseId, submission, points: pointsOf(result.reasons), at: clock() }, result);

  async function run(
    found: KycCase & { readonly person: NonNullable<KycCase['person']> },
    kind: Exclude<CheckKind, 'names'>,
  ): Promise<CheckResult> {
    switch (kind) {
      case 'document':
        return { kind, reasons: documentReasons(found.person, today()), source: 'document rules 1' };
      case 'country':
        return { kind, reasons: countryReasons(found.person), source: countryRules.version };
      case 'duplicates':
        return { kind, reasons: duplicateReasons(await countDuplicates(db, found.caseId)), source: 'our customers' };
    }
  }

  return {
    async describe(caseId) {
      const found = await findCase(db, caseId);
      if (found === undefined) return undefined;
      const checks = await listChecks(db, caseId, found.submission);
      const decisions = await listDecisions(db, { subject: 'kyc', subjectId: caseId });
      return viewOf(found, { decisions, sources: checks.map(({ kind, source }) => `${kind}: ${source}`) }, rules);
    },
    async check(caseId, kind) {
      const found = await inScreening(caseId);
      if (found !== undefined) await keepCheck(caseId, found.submission, await run(found, kind));
    },
    async personToScreen(caseId) {
      const found = await inScreening(caseId);
      return found && { submission: found.submission, person: found.person };
    },
    keepCheck,
    async assess(caseId) {
      const found = await inScreening(caseId);
      if (found === undefined) return;
      await endScreeningOf(deps, found);
    },
    async letterFor(caseId) {
      const found = await findCase(db, caseId);
      if (found === undefined) return undefined;
      const { state, userId, submission, asked = '' } = found;
      if (state !== 'verified' && state !== 'rejected' && state !== 'more_info') return undefined;
      const { email } = await identity.accounts.get(userId);
      return { ...caseLetters[state](asked), to: email, messageId: `kyc.${caseId}.${submission}.${state}` };
    },
    async deskLetterFor(caseId, kind) {
      const found = await findCase(db, caseId);
      if (found?.state !== 'review') return undefined;
      const letter = deskLetter(kind, processId('kycReview', caseId), deps.uiUrl);
      return { ...letter, to: deps.deskMail, messageId: `kyc.${caseId}.${found.submission}.${kind}` };
    },
    async findUnfinished(page) {
      return (await listRunningCases(db, page)).map((caseId) => processStart('kycReview', caseId));
    },
  };
}

/** One transaction: the score, the state, and where no officer is needed the user's status. */
async function endScreeningOf({ db, clock, identity, rules }: ComplianceDeps, found: KycCase): Promise<void> {
  const { caseId, userId, submission } = found;
  const checks = await listChecks(db, caseId, submission);
  invariant(checks.length === checkKinds.length, 'a case is assessed after every check was made');
  const { score, reasons } = assess(checks);
  const state = score < rules.autoApproveBelow ? 'verified' : 'review';
  await db.tx('end-screening', async (tx) => {
    const ended = await endScreening(tx, { caseId, submission, state, score, reasons, at: clock() });
    if (!ended || state === 'review') return;
    const details = { case_id: caseId, proof: 'rules', risk_score: score, below: rules.autoApproveBelow };
    const origin = { traceId: caseId.replaceAll('-', '') };
    await identity.accounts.setKycStatus(tx, {
      userId,
      kycStatus: 'verified',
      decidedBy: { actor: 'system' },
      details,
      origin,
    });
  });
}
