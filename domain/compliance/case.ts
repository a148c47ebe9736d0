import type { CountedDecision } from './decision.ts';

export const caseStates = ['draft', 'screening', 'review', 'more_info', 'verified', 'rejected'] as const;
export type CaseState = (typeof caseStates)[number];

export const documentTypes = ['passport', 'identity_card', 'driving_licence'] as const;
export type DocumentType = (typeof documentTypes)[number];

/** What a customer says about herself. Dates are ISO days, countries ISO 3166-1 alpha-2. */
export interface Person {
  readonly fullName: string;
  readonly dateOfBirth: string;
  readonly country: string;
  readonly address: string;
  readonly document: {
    readonly type: DocumentType;
    readonly number: string;
    readonly country: string;
    readonly expiresOn: string;
    /** Where the uploaded pages are kept. */
    readonly files: readonly string[];
  };
}

/** One reason of a risk score. */
export interface RiskReason {
  readonly points: number;
  /** A sentence for the officer. */
  readonly text: string;
}

/** A case as the officers' desk shows it. Holds personal data: it travels encrypted, and nowhere else. */
export interface CaseView {
  readonly caseId: string;
  readonly userId: string;
  readonly state: CaseState;
  /** Names these facts; see `Decision.revision`. */
  readonly revision: string;
  readonly submission: number;
  readonly person?: Person;
  readonly riskScore?: number;
  readonly reasons: readonly RiskReason[];
  /** Which rules and list versions the checks were made by. */
  readonly sources: readonly string[];
  /** What was asked of the customer last. */
  readonly asked?: string;
  readonly decisions: readonly CountedDecision[];
  /** When officers are reminded, and when the case counts as overdue. */
  readonly remindAt?: string;
  readonly dueAt?: string;
}

const minAgeYears = 18;

/** Why this customer cannot be taken as described, by JSON pointer; undefined where there is nothing to say. */
export function personFaults({ dateOfBirth, document }: Person, today: string): Record<string, string | undefined> {
  const adultSince = `${Number(dateOfBirth.slice(0, 4)) + minAgeYears}${dateOfBirth.slice(4)}`;
  return {
    '/date_of_birth': adultSince > today ? `Customers are at least ${minAgeYears} years old.` : undefined,
    '/document/expires_on': document.expiresOn <= today ? 'This document has expired. Use a valid one.' : undefined,
  };
}

export interface Explanation {
  /** A sentence for the customer. */
  readonly text: string;
  /** Which rule holds it; null when nothing does. */
  readonly rule: string | null;
  readonly nextActor: 'you' | 'officer' | 'system' | 'nobody';
  readonly by?: string;
  readonly youCan: readonly string[];
}

/** Where a customer's case stands, who acts next, by when, and what she can do. Never says what screening found. */
export function explainCase(state: CaseState, { asked, dueAt }: Pick<CaseView, 'asked' | 'dueAt'>): Explanation {
  switch (state) {
    case 'draft':
      return {
        text: 'Your identity is not verified yet. Send your details.',
        rule: 'KYC_REQUIRED',
        nextActor: 'you',
        youCan: ['POST /kyc'],
      };
    case 'screening':
      return { text: 'Your details are being checked.', rule: 'SCREENING', nextActor: 'system', youCan: [] };
    case 'review':
      return {
        text: 'A compliance officer is looking at your details.',
        rule: 'OFFICER_REVIEW',
        nextActor: 'officer',
        ...(dueAt !== undefined && { by: dueAt }),
        youCan: [],
      };
    case 'more_info':
      return {
        text: `We need more from you: ${asked ?? 'send your details again.'}`,
        rule: 'MORE_INFO',
        nextActor: 'you',
        youCan: ['POST /kyc'],
      };
    case 'verified':
      return { text: 'Your identity is verified.', rule: null, nextActor: 'nobody', youCan: [] };
    case 'rejected':
      return {
        text: 'We could not verify your identity. You may send your details again.',
        rule: 'KYC_REJECTED',
        nextActor: 'you',
        youCan: ['POST /kyc'],
      };
  }
}
