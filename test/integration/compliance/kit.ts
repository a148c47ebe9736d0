import { Secret } from 'otpauth';
import type { Person } from '../../../domain/compliance/case.ts';
import type { Caller } from '../../../domain/identity/user.ts';
import { type ComplianceService, createComplianceService } from '../../../services/compliance/compliance.ts';
import { createDraftOpener } from '../../../services/compliance/cases.ts';
import type { ComplianceDeps } from '../../../services/compliance/parts.ts';
import { createIdentityService } from '../../../services/identity/identity.ts';
import { createKit, goodPassword, type Kit, newEmail } from '../identity/kit.ts';

export interface Officer {
  readonly officerId: string;
  readonly email: string;
  /** What her authenticator shows now. */
  readonly code: () => Promise<string>;
}

export interface ComplianceKit extends Kit {
  readonly compliance: ComplianceService;
  readonly complianceDeps: ComplianceDeps;
  readonly officer: () => Promise<Officer>;
  /** A verified account, as its door sees it. */
  readonly customer: () => Promise<Caller & { readonly email: string }>;
  /** A case of this customer that waits for an officer. */
  readonly inReview: (caller: Caller, about?: Partial<Person>) => Promise<string>;
}

export const ada: Person = {
  fullName: 'Ada Lovelace',
  dateOfBirth: '1990-12-10',
  country: 'DE',
  address: 'Hauptstr. 1, 10115 Berlin',
  document: { type: 'passport', number: 'C01X00T47', country: 'DE', expiresOn: '2032-01-01', files: ['doc-1'] },
};

/** Compliance beside identity, over a database of its own; `close` it at the end. */
export async function createComplianceKit(rules: Partial<ComplianceDeps['rules']> = {}): Promise<ComplianceKit> {
  const kit = await createKit();
  const { db, now: clock, deps } = kit;
  const identity = createIdentityService({ ...deps, onVerified: [createDraftOpener(deps)] });
  const complianceDeps: ComplianceDeps = {
    db,
    clock,
    newId: deps.newId,
    identity,
    kickOutbox: () => undefined,
    rules: { autoApproveBelow: 0, reminderAfterMs: 4 * 3_600_000, escalateAfterMs: 24 * 3_600_000, ...rules },
    deskMail: 'desk@exchange.test',
    uiUrl: 'https://desk.exchange.test',
  };
  const compliance = createComplianceService(complianceDeps);
  const { cases, reviewSteps } = compliance;

  const seedOfficer = async (): Promise<Officer> => {
    const email = newEmail();
    const totpSecret = new Secret({ size: 20 }).base32;
    await identity.staff.seed([{ email, password: goodPassword, role: 'compliance', totpSecret }]);
    const { userId: officerId } = await identity.accounts.getByEmail(email);
    return { officerId, email, code: () => identity.staff.currentCode(email) };
  };
  const customer = async () => {
    const { user, tokens } = await identity.readyUsers.create({ kycVerified: false }, origin);
    return { ...(await identity.authenticate(tokens.accessToken, origin)), email: user.email };
  };
  const inReview = async (caller: Caller, about: Partial<Person> = {}) => {
    const { caseId, submission } = await cases.submit(caller, { ...ada, ...about }, origin);
    for (const kind of ['document', 'country', 'duplicates'] as const) await reviewSteps.check(caseId, kind);
    await reviewSteps.keepCheck(caseId, submission, { kind: 'names', reasons: [], source: 'lists 1' });
    await reviewSteps.assess(caseId);
    return caseId;
  };
  return { ...kit, identity, compliance, complianceDeps, officer: seedOfficer, customer, inReview };
}

const origin = { traceId: 'c'.repeat(32) };
