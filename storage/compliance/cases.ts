import type { CaseState, DocumentType, Person, RiskReason } from '../../domain/compliance/case.ts';
import type { CheckKind, CheckResult } from '../../domain/compliance/risk.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** A KYC case as stored. */
export interface KycCase {
  readonly caseId: string;
  readonly userId: string;
  readonly previousCaseId?: string;
  readonly state: CaseState;
  readonly submission: number;
  /** Unset in a draft. Personal data. */
  readonly person?: Person;
  readonly riskScore?: number;
  readonly riskReasons: readonly RiskReason[];
  readonly asked?: string;
  readonly submittedAt?: Date;
  readonly reviewSince?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface CaseRow {
  readonly case_id: string;
  readonly user_id: string;
  readonly previous_case_id: string | null;
  readonly state: CaseState;
  readonly submission: number;
  readonly full_name: string | null;
  readonly date_of_birth: string;
  readonly country: string;
  readonly address: string;
  readonly document_type: DocumentType;
  readonly document_number: string;
  readonly document_country: string;
  readonly document_expires_on: string;
  readonly documents: readonly string[];
  readonly risk_score: number | null;
  readonly risk_reasons: readonly RiskReason[];
  readonly asked: string | null;
  readonly submitted_at: Date | null;
  readonly review_since: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const sql = {
  find: sqlFile('find-case.sql', import.meta.url),
  lock: sqlFile('lock-case.sql', import.meta.url),
  findCurrent: sqlFile('find-current-case.sql', import.meta.url),
  lockCurrent: sqlFile('lock-current-case.sql', import.meta.url),
  addDraft: sqlFile('add-draft.sql', import.meta.url),
  submit: sqlFile('submit-case.sql', import.meta.url),
  listRunning: sqlFile('list-running-cases.sql', import.meta.url),
  putCheck: sqlFile('put-check.sql', import.meta.url),
  listChecks: sqlFile('list-checks.sql', import.meta.url),
  countDuplicates: sqlFile('count-duplicates.sql', import.meta.url),
  endScreening: sqlFile('end-screening.sql', import.meta.url),
  decide: sqlFile('decide-case.sql', import.meta.url),
};

export const findCase = async (db: Db, caseId: string): Promise<KycCase | undefined> =>
  toCaseIfAny(await db.oneOrNone<CaseRow>(sql.find, { caseId }));

/** Locks the case until the transaction ends. */
export const lockCase = async (db: Db, caseId: string): Promise<KycCase | undefined> =>
  toCaseIfAny(await db.oneOrNone<CaseRow>(sql.lock, { caseId }));

/** The newest case of a user. */
export const findCurrentCase = async (db: Db, userId: string): Promise<KycCase | undefined> =>
  toCaseIfAny(await db.oneOrNone<CaseRow>(sql.findCurrent, { userId }));

/** The newest case of a user, locked until the transaction ends. */
export const lockCurrentCase = async (db: Db, userId: string): Promise<KycCase | undefined> =>
  toCaseIfAny(await db.oneOrNone<CaseRow>(sql.lockCurrent, { userId }));

/** Opens a draft; false when the user has an open case. */
export async function addDraft(
  db: Db,
  draft: { readonly caseId: string; readonly userId: string; readonly previousCaseId?: string; readonly at: Date },
): Promise<boolean> {
  return (await db.oneOrNone(sql.addDraft, { ...draft, previousCaseId: draft.previousCaseId ?? null })) !== null;
}

/** Takes a submission into a draft or a case that waits for more; undefined when it is in another state. */
export async function submitCase(
  db: Db,
  {
    person,
    ...rest
  }: { readonly caseId: string; readonly person: Person; readonly nameKey: string; readonly at: Date },
): Promise<KycCase | undefined> {
  const { document, ...about } = person;
  const row = await db.oneOrNone<CaseRow>(sql.submit, {
    ...rest,
    ...about,
    documentType: document.type,
    documentNumber: document.number,
    documentCountry: document.country,
    documentExpiresOn: document.expiresOn,
    documents: document.files,
  });
  return toCaseIfAny(row);
}

/** The ids of cases whose workflow must be running, a page of them in order. */
export async function listRunningCases(
  db: Db,
  page: { readonly after: string | undefined; readonly createdBefore: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ case_id: string }>(sql.listRunning, { ...page, after: page.after ?? null });
  return rows.map((row) => row.case_id);
}

/** Keeps what a check found about one submission; the first finding stays. */
export async function putCheck(
  db: Db,
  about: { readonly caseId: string; readonly submission: number; readonly points: number; readonly at: Date },
  { kind, reasons, source }: CheckResult,
): Promise<void> {
  await db.none(sql.putCheck, { ...about, kind, reasons: JSON.stringify(reasons), source });
}

/** What the checks of one submission found so far. */
export async function listChecks(db: Db, caseId: string, submission: number): Promise<readonly CheckResult[]> {
  return db.manyOrNone<{ kind: CheckKind; reasons: readonly RiskReason[]; source: string }>(sql.listChecks, {
    caseId,
    submission,
  });
}

/** How many other customers sent the same document, or have the same name and date of birth. */
export async function countDuplicates(
  db: Db,
  caseId: string,
): Promise<{ readonly sameDocument: number; readonly samePerson: number }> {
  const row = await db.oneOrNone<{ same_document: number; same_person: number }>(sql.countDuplicates, { caseId });
  return { sameDocument: row?.same_document ?? 0, samePerson: row?.same_person ?? 0 };
}

/** Ends the screening of one submission; false when it is over already. */
export async function endScreening(
  db: Db,
  {
    reasons,
    ...rest
  }: {
    readonly caseId: string;
    readonly submission: number;
    readonly state: 'review' | 'verified';
    readonly score: number;
    readonly reasons: readonly RiskReason[];
    readonly at: Date;
  },
): Promise<boolean> {
  return (await db.oneOrNone(sql.endScreening, { ...rest, reasons: JSON.stringify(reasons) })) !== null;
}

/** Moves a case out of review; false when it is not there. */
export async function decideCase(
  db: Db,
  decision: {
    readonly caseId: string;
    readonly state: 'verified' | 'rejected' | 'more_info';
    readonly reason: string;
    readonly at: Date;
  },
): Promise<boolean> {
  return (await db.oneOrNone(sql.decide, decision)) !== null;
}

const toCaseIfAny = (row: CaseRow | null): KycCase | undefined => (row === null ? undefined : toCase(row));

const toCase = (row: CaseRow): KycCase => ({
  caseId: row.case_id,
  userId: row.user_id,
  state: row.state,
  submission: row.submission,
  riskReasons: row.risk_reasons,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...(row.previous_case_id !== null && { previousCaseId: row.previous_case_id }),
  ...(row.full_name !== null && { person: toPerson(row, row.full_name) }),
  ...(row.risk_score !== null && { riskScore: row.risk_score }),
  ...(row.asked !== null && { asked: row.asked }),
  ...(row.submitted_at !== null && { submittedAt: row.submitted_at }),
  ...(row.review_since !== null && { reviewSince: row.review_since }),
});

const toPerson = (row: CaseRow, fullName: string): Person => ({
  fullName,
  dateOfBirth: row.date_of_birth,
  country: row.country,
  address: row.address,
  document: {
    type: row.document_type,
    number: row.document_number,
    country: row.document_country,
    expiresOn: row.document_expires_on,
    files: row.documents,
  },
});
