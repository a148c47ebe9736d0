import test from 'ava';
import fc from 'fast-check';
import { type CaseState, caseStates, type CaseView } from '../../../domain/compliance/case.ts';
import { outcomes, parseDecision } from '../../../domain/compliance/decision.ts';
import { caseDetails, decideDescription, quoted } from '../../../domain/compliance/desk.ts';
import { asRead, exampleIn, hostile, markupOf, person } from './kit.ts';

/** A case of which only what is always known is known. */
const bare: CaseView = {
  caseId: 'case-1',
  userId: 'user-1',
  state: 'review',
  revision: 'abcdef012345',
  submission: 2,
  reasons: [],
  sources: [],
  decisions: [],
};
const full: CaseView = {
  ...bare,
  person,
  riskScore: 65,
  reasons: [
    { points: 60, text: 'Sanctions list OFAC SDN, entry 7: the name is 60 % alike' },
    { points: 5, text: 'The document is of another country than the address' },
  ],
  sources: ['names: OFAC SDN 2026-01-02', 'country: FATF 2025-10'],
  asked: 'A page with your address, please',
  decisions: [
    { officerId: 'officer-1', outcome: 'more_info', revision: '000000000000', decidedAt: '2026-01-01T10:00:00.000Z' },
  ],
  dueAt: '2026-01-03T10:00:00.000Z',
};

test('quoted: any text, is one line without Markdown that reads as it was written', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(hostile)), (text) => {
      t.is(markupOf(quoted(text)), '');
      t.is(asRead(quoted(text)), text.replaceAll(/\s+/g, ' '));
    }),
  );
});

test('decideDescription: the outcomes of a desk, stand in its example', (t) => {
  t.regex(decideDescription(['approve', 'reject']), /"outcome":"approve \| reject"/);
});

test('caseDetails: everything known, is there to be read', (t) => {
  const read = asRead(caseDetails(full, 'It is overdue.'));
  for (const fact of [
    'KYC review of user user-1',
    'A decision is asked.** It is overdue.',
    '| Case case-1 | submission 2 |',
    '| Name | Ada Lovelace |',
    '| Born | 1990-12-10 |',
    '| Address | Hauptstr. 1, Berlin, DE |',
    '| Document | passport C01X00T47 of DE |',
    '| Valid until | 2032-01-01 |',
    '| Pages | doc-1 |',
    'Risk 65 of 100',
    '- 60: Sanctions list OFAC SDN, entry 7: the name is 60 % alike',
    '- 5: The document is of another country than the address',
    'Checked by names: OFAC SDN 2026-01-02; country: FATF 2025-10.',
    'A page with your address, please',
    '- 2026-01-01T10:00:00.000Z: more info, by officer officer-1',
    'until 2026-01-03T10:00:00.000Z',
  ])
    t.true(read.includes(fact), fact);
});

test('caseDetails: a document without pages and a risk without reasons, say so', (t) => {
  const document = { ...person.document, type: 'driving_licence', files: [] } as const;
  const read = asRead(caseDetails({ ...full, person: { ...person, document }, riskScore: 0, reasons: [] }));
  t.regex(read, /\| Document \| driving licence C01X00T47/);
  t.regex(read, /\| Pages \| none \|/);
  t.regex(read, /Risk 0 of 100\*\*, because:\n- nothing was found\n/);
});

test('caseDetails: what is not known yet, leaves neither a heading nor a gap', (t) => {
  const parts = caseDetails({ ...bare, state: 'screening' }).split('\n\n');
  t.deepEqual(
    [parts.length, parts[0], parts[2]],
    [3, '### KYC review of user user-1', 'Case case-1.'],
    'a title, the state, the case',
  );
  t.notRegex(caseDetails(bare), /undefined|Risk|Decided|was asked|\n\n\n/);
});

const stateSays = {
  draft: 'has sent nothing',
  screening: 'checks are being made',
  review: 'A decision is asked',
  more_info: 'was asked for more',
  verified: 'is verified',
  rejected: 'is rejected',
} as const satisfies Record<CaseState, string>;

for (const state of caseStates) {
  const open = state === 'review';
  test(`caseDetails: ${state}, says so and ${open ? 'shows' : 'does not show'} how to decide`, (t) => {
    const details = caseDetails({ ...full, state });
    t.true(details.includes(stateSays[state]));
    t.is(exampleIn(details) !== undefined, open);
    t.is(details.includes('What to do'), open);
  });
}

test('caseDetails: the example of a decision, is taken with each outcome it names and never unread', (t) => {
  const example = exampleIn(caseDetails(full));
  t.is(example?.['revision'], full.revision);
  t.deepEqual(example?.['outcome']?.split(' | '), [...outcomes]);
  for (const outcome of outcomes) t.is(parseDecision({ ...example, outcome }).outcome, outcome);
  t.throws(() => parseDecision(example), { code: 'INVALID_DECISION' });
});

const { document } = person;
for (const [what, change] of [
  ['name', { person: { ...person, fullName: hostile } }],
  ['address', { person: { ...person, address: hostile } }],
  ['document number', { person: { ...person, document: { ...document, number: hostile } } }],
  ['page', { person: { ...person, document: { ...document, files: [hostile] } } }],
  ['reason of a risk', { reasons: [{ points: 60, text: hostile }, ...full.reasons.slice(1)] }],
  ['source of a check', { sources: [hostile, ...full.sources.slice(1)] }],
  ['question to the customer', { asked: hostile }],
] as const) {
  test(`caseDetails: Markdown in a ${what}, changes nothing but that text`, (t) => {
    const details = caseDetails({ ...full, ...change });
    t.is(markupOf(details), markupOf(caseDetails(full)));
    t.true(asRead(details).includes(hostile.replaceAll(/\s+/g, ' ')));
  });
}
