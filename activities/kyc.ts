import { reasonsOfHits } from '../domain/compliance/risk.ts';
import type { MailGateway } from '../gateways/mail/mail.ts';
import type { ScreeningGateway } from '../gateways/screening/screening.ts';
import type { ReviewSteps } from '../services/compliance/review-steps.ts';
import { createSendIfAny } from './letters.ts';

export interface KycDeps {
  readonly steps: ReviewSteps;
  readonly screening: ScreeningGateway;
  readonly mail: MailGateway;
}

/** A KYC case as its workflow sees it. Each call takes the case's id and looks at the row, so each may be repeated. */
export const createKycActivities = ({ steps, screening, mail }: KycDeps) => {
  const sendIfAny = createSendIfAny(mail);
  return {
    /** Null when there is no such case. The only one that answers personal data. */
    describeCase: async (caseId: string) => (await steps.describe(caseId)) ?? null,
    checkDocument: (caseId: string) => steps.check(caseId, 'document'),
    checkCountry: (caseId: string) => steps.check(caseId, 'country'),
    findDuplicates: (caseId: string) => steps.check(caseId, 'duplicates'),
    /** Rejects while the lists cannot be searched: the case waits, and is never approved on a guess. */
    async screenNames(caseId: string): Promise<void> {
      const found = await steps.personToScreen(caseId);
      if (found === undefined) return;
      const { hits, source } = await screening.screen(found.person);
      await steps.keepCheck(caseId, found.submission, { kind: 'names', reasons: reasonsOfHits(hits), source });
    },
    assessCase: (caseId: string) => steps.assess(caseId),
    sendCaseMail: async (caseId: string) => sendIfAny(await steps.letterFor(caseId)),
    remindOfficers: async (caseId: string) => sendIfAny(await steps.deskLetterFor(caseId, 'reminder')),
    escalateCase: async (caseId: string) => sendIfAny(await steps.deskLetterFor(caseId, 'overdue')),
  };
};

export type KycActivities = ReturnType<typeof createKycActivities>;
