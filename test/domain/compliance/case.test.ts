import test from 'ava';
import { explainCase, type CaseState, personFaults } from '../../../domain/compliance/case.ts';
import { person } from './kit.ts';

const today = '2026-03-10';

for (const [circumstance, born, refused] of [
  ['18 today', '2008-03-10', false],
  ['18 tomorrow', '2008-03-11', true],
] as const) {
  test(`personFaults: ${circumstance}, ${refused ? 'refused as too young' : 'old enough'}`, (t) => {
    const fault = personFaults({ ...person, dateOfBirth: born }, today)['/date_of_birth'];
    t.is(fault !== undefined, refused);
  });
}

for (const [circumstance, expiresOn, refused] of [
  ['until tomorrow', '2026-03-11', false],
  ['until today', '2026-03-10', true],
] as const) {
  test(`personFaults: a document valid ${circumstance}, ${refused ? 'refused' : 'taken'}`, (t) => {
    const document = { ...person.document, expiresOn };
    t.is(personFaults({ ...person, document }, today)['/document/expires_on'] !== undefined, refused);
  });
}

const explains = test.macro({
  title: (_, state: CaseState, nextActor: string) => `explainCase: ${state}, next acts ${nextActor}`,
  exec: (t, state: CaseState, nextActor: string, rule: string | null, youCan: readonly string[]) => {
    t.like(explainCase(state, {}), { nextActor, rule, youCan });
  },
});

test(explains, 'draft', 'you', 'KYC_REQUIRED', ['POST /kyc']);
test(explains, 'screening', 'system', 'SCREENING', []);
test(explains, 'review', 'officer', 'OFFICER_REVIEW', []);
test(explains, 'more_info', 'you', 'MORE_INFO', ['POST /kyc']);
test(explains, 'verified', 'nobody', null, []);
test(explains, 'rejected', 'you', 'KYC_REJECTED', ['POST /kyc']);

test('explainCase: a question and a time, told in the state they belong to and in no other', (t) => {
  const known = { asked: 'Send the back side', dueAt: '2026-03-11T10:00:00.000Z' };
  t.regex(explainCase('more_info', known).text, /Send the back side$/);
  t.regex(explainCase('more_info', {}).text, /send your details again\.$/);
  t.is(explainCase('review', known).by, known.dueAt);
  for (const state of ['draft', 'screening', 'verified', 'rejected'] as const) {
    t.deepEqual(explainCase(state, known), explainCase(state, {}));
  }
  t.false('by' in explainCase('review', {}));
});
