import type { KycActivities } from '../../activities/kyc.ts';
import type { DecisionToProve, OfficerActivities } from '../../activities/officers.ts';
import type { CaseState, CaseView } from '../../domain/compliance/case.ts';

const hour = 3_600_000;
const after = { approve: 'verified', reject: 'rejected', more_info: 'more_info' } as const;

export const revisionOf = (submission: number): string => submission.toString(16).padStart(12, '0');

export interface KycRowOptions {
  readonly caseId: string;
  /** The workflow server's clock, in milliseconds. */
  readonly now: () => Promise<number>;
  readonly state?: CaseState | 'none' | undefined;
  readonly prove?: (() => Promise<void>) | undefined;
  /** Attempts that screening fails before it works. */
  readonly listsAwayFor?: number | undefined;
}

/** A case whose row is a variable; what was done is a list with the hour it was done at. */
export async function createKycRow({ caseId, now, state = 'screening', prove, listsAwayFor = 0 }: KycRowOptions) {
  const begun = await now();
  const row = { state, submission: 1, reviewSince: begun };
  const done: string[] = [];
  const sent: DecisionToProve[] = [];
  let away = listsAwayFor;
  const log = async (what: string): Promise<void> => {
    done.push(`${what} at ${Math.round(((await now()) - begun) / hour)} h`);
  };
  const activities: KycActivities & OfficerActivities = {
    describeCase: async () => (row.state === 'none' ? null : viewOf(caseId, { ...row, state: row.state })),
    checkDocument: async () => undefined,
    checkCountry: async () => undefined,
    findDuplicates: async () => undefined,
    async screenNames() {
      if (away-- > 0) throw new Error('the lists are away');
    },
    async assessCase() {
      Object.assign(row, { state: 'review', reviewSince: await now() });
    },
    sendCaseMail: () => log(`mail ${row.state}`),
    remindOfficers: () => log('reminder'),
    escalateCase: () => log('escalation'),
    async proveOfficer(decision) {
      sent.push(decision);
      await prove?.();
      row.state = after[decision.outcome];
      return { recorded: true, message: 'Recorded.' };
    },
  };
  return { row, done, sent, activities };
}

interface Facts {
  readonly state: CaseState;
  readonly submission: number;
  readonly reviewSince: number;
}

const viewOf = (caseId: string, { state, submission, reviewSince }: Facts): CaseView => ({
  caseId,
  userId: 'user-1',
  state,
  revision: revisionOf(submission),
  submission,
  reasons: [],
  sources: ['lists 1'],
  decisions: [],
  ...(state === 'screening' ? {} : { riskScore: 7 }),
  ...(state === 'review' && {
    remindAt: new Date(reviewSince + 4 * hour).toISOString(),
    dueAt: new Date(reviewSince + 24 * hour).toISOString(),
  }),
});
