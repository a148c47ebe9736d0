import test from 'ava';
import {
  assess,
  countryReasons,
  documentReasons,
  duplicateReasons,
  reasonsOfHits,
} from '../../../domain/compliance/risk.ts';
import { person } from './kit.ts';

const document = person.document;
const points = (reasons: readonly { readonly points: number }[]): number[] => reasons.map((reason) => reason.points);

test('documentReasons: in order, none; every fault, one each', (t) => {
  t.deepEqual(documentReasons(person, '2026-01-01'), []);
  const odd = { ...person, document: { ...document, number: '!', country: 'FR', expiresOn: '2026-02-01', files: [] } };
  t.deepEqual(points(documentReasons(odd, '2026-01-01')), [40, 10, 20, 5]);
});

test('countryReasons: calm, none; called for action and monitored, one each', (t) => {
  t.deepEqual(countryReasons(person), []);
  t.deepEqual(points(countryReasons({ ...person, country: 'KP', document: { ...document, country: 'NP' } })), [60, 20]);
});

test('assess: the gravest first, and never above 100', (t) => {
  const hit = { list: 'OFAC SDN', entryId: '1', about: 'sanctions', similarity: 95 } as const;
  const checks = [
    { kind: 'duplicates', reasons: duplicateReasons({ sameDocument: 1, samePerson: 2 }), source: '' },
    { kind: 'names', reasons: reasonsOfHits([hit, { ...hit, about: 'pep' }]), source: '' },
  ] as const;
  const { score, reasons } = assess(checks);
  t.is(score, 100);
  t.deepEqual(points(reasons), [95, 60, 40, 30]);
});
