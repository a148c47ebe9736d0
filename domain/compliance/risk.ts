import type { Person, RiskReason } from './case.ts';

export const checkKinds = ['document', 'names', 'duplicates', 'country'] as const;
export type CheckKind = (typeof checkKinds)[number];

/** What one automated check found. */
export interface CheckResult {
  readonly kind: CheckKind;
  readonly reasons: readonly RiskReason[];
  /** Which rules or list versions it was made by. */
  readonly source: string;
}

/** An entry of a sanctions or PEP list that may be the customer. */
export interface ListHit {
  readonly list: string;
  readonly entryId: string;
  readonly about: 'sanctions' | 'pep';
  /** 0 to 100. */
  readonly similarity: number;
}

const maxScore = 100;
export const pointsOf = (reasons: readonly RiskReason[]): number =>
  Math.min(
    maxScore,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );

/** The risk score of a case, 0 to 100, and its reasons with the gravest first. */
export function assess(checks: readonly CheckResult[]): {
  readonly score: number;
  readonly reasons: readonly RiskReason[];
} {
  const reasons = checks.flatMap((check) => check.reasons).sort((a, b) => b.points - a.points);
  return { score: pointsOf(reasons), reasons };
}

const listTitles = { sanctions: 'Sanctions', pep: 'PEP' } as const;

/** Hits on lists: a sanctions hit alone makes a case grave; a politically exposed person needs a look. */
export const reasonsOfHits = (hits: readonly ListHit[]): readonly RiskReason[] =>
  hits.map(({ list, entryId, about, similarity }) => ({
    points: about === 'sanctions' ? Math.max(60, similarity) : 40,
    text: `${listTitles[about]} list ${list}, entry ${entryId}: the name is ${similarity} % alike`,
  }));

const documentForms: Readonly<Record<Person['document']['type'], RegExp>> = {
  passport: /^[A-Z0-9]{6,9}$/,
  identity_card: /^[A-Z0-9]{6,14}$/,
  driving_licence: /^[A-Z0-9]{5,18}$/,
};

/** Whether a document can be what it says: its number's form, its remaining life, its pages. */
export function documentReasons({ document, country }: Person, today: string): readonly RiskReason[] {
  const { type, number, expiresOn, files } = document;
  const inNinetyDays = new Date(Date.parse(today) + 90 * 86_400_000).toISOString().slice(0, 10);
  return [
    ...(documentForms[type].test(number.replaceAll(/[ -]/g, '').toUpperCase())
      ? []
      : [{ points: 40, text: `The document's number has not the form of a ${type.replace('_', ' ')}` }]),
    ...(expiresOn < inNinetyDays ? [{ points: 10, text: 'The document expires within 90 days' }] : []),
    ...(files.length === 0 ? [{ points: 20, text: 'No page of the document was uploaded' }] : []),
    ...(document.country === country
      ? []
      : [{ points: 5, text: 'The document is of another country than the address' }]),
  ];
}

/** FATF, high-risk jurisdictions subject to a call for action, and jurisdictions under increased monitoring. */
export const countryRules = {
  version: 'FATF 2025-10',
  callForAction: new Set(['IR', 'KP', 'MM']),
  monitored: new Set('AO BG BO CD CI CM DZ HT KE LA LB MC NA NP SS SY VE VG VN YE'.split(' ')),
} as const;

/** The risk of the countries a customer lives in and has papers of. */
export function countryReasons({ country, document }: Person): readonly RiskReason[] {
  return [...new Set([country, document.country])].flatMap((code) => {
    if (countryRules.callForAction.has(code))
      return [{ points: 60, text: `${code} is a high-risk country (FATF call for action)` }];
    if (countryRules.monitored.has(code)) return [{ points: 20, text: `${code} is under increased monitoring (FATF)` }];
    return [];
  });
}

export const duplicateReasons = (found: {
  readonly sameDocument: number;
  readonly samePerson: number;
}): readonly RiskReason[] => [
  ...(found.sameDocument > 0
    ? [{ points: 60, text: `The document belongs to ${found.sameDocument} other customer(s) already` }]
    : []),
  ...(found.samePerson > 0
    ? [{ points: 30, text: `Name and date of birth are those of ${found.samePerson} other customer(s)` }]
    : []),
];
