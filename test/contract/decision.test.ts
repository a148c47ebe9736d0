import test from 'ava';
import fc from 'fast-check';
import { adminKycOperations, Decision } from '../../contract/kyc.ts';
import { parseDecision, reasonMax } from '../../domain/compliance/decision.ts';
import { DomainError } from '../../domain/errors.ts';

const good = {
  officer: 'olivia@example.com',
  code: '123456',
  revision: 'abcdef012345',
  outcome: 'approve',
  reason: 'in order',
};

/** What is read from it, or that it is refused: by the domain, and by the contract. */
function byDomain(sent: unknown): unknown {
  try {
    return parseDecision(sent);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_DECISION') return 'refused';
    throw error;
  }
}
const byContract = (sent: unknown): unknown => {
  const { success, data } = Decision.safeParse(sent);
  return success ? data : 'refused';
};

const accepted: readonly object[] = [
  { outcome: 'reject' },
  { outcome: 'more_info' },
  { officer: ' olivia@example.com\n' },
  { officer: 'a'.repeat(320) },
  { reason: 'why' },
  { reason: `  ${'é'.repeat(reasonMax)}\t` },
  { reason: 'two\nlines' },
];
const refused: readonly object[] = [
  { officer: ' ' },
  { officer: 'a'.repeat(321) },
  { officer: undefined },
  { code: 123456 },
  { code: '12345' },
  { code: '123456\n' },
  { code: '１２３４５６' },
  { revision: 'ABCDEF012345' },
  { revision: ' abcdef012345' },
  { outcome: 'Approve' },
  { outcome: null },
  { outcome: ['approve'] },
  { reason: '   a   ' },
  { reason: 'a'.repeat(reasonMax + 1) },
  { reason: 'a tab\tinside' },
  { reason: 'a nul\0inside' },
  { note: 'unknown' },
  { toString: 'a name every object has' },
  { ['__proto__']: 'own' },
];

for (const [verdict, changes] of [
  ['accepted', accepted],
  ['refused', refused],
] as const) {
  for (const change of changes) {
    test(`decision: with ${JSON.stringify(change).slice(0, 60)}, ${verdict} by the domain and by the contract`, (t) => {
      const sent = { ...good, ...change };
      t.is(byContract(sent) === 'refused' ? 'refused' : 'accepted', verdict);
      t.deepEqual(byDomain(sent), byContract(sent));
    });
  }
}

test('decision: what is no object, refused by the domain and by the contract', (t) => {
  for (const sent of [undefined, null, 'approve', 7, [], [good]]) {
    t.is(byDomain(sent), 'refused');
    t.is(byContract(sent), 'refused');
  }
});

test('decision: whatever is sent, domain and contract read the same or refuse both', (t) => {
  const space = fc.constantFrom('', ' ', '\n', '\t', '\u00a0', '\u2028', '\0', '\u0085', '\ufeff');
  const spaced = (text: string) => fc.tuple(space, space, space).map(([a, b, c]) => a + text.replace(' ', b) + c);
  const odd = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.jsonValue());
  const change = fc.dictionary(fc.constantFrom(...Object.keys(good), 'other', 'constructor'), odd, { maxKeys: 1 });
  const sent = fc
    .tuple(spaced(good.officer), spaced(good.code), spaced(good.reason), change)
    .map(([officer, code, reason, changed]) => ({ ...good, officer, code, reason, ...changed }));
  fc.assert(fc.property(sent, (each) => void t.deepEqual(byDomain(each), byContract(each))));
});

test('decision over REST: has the fields that a token does not stand for', (t) => {
  const { outcome, revision, reason } = good;
  t.true(adminKycOperations.decideKyc.body.safeParse({ outcome, revision, reason }).success);
  t.false(adminKycOperations.decideKyc.body.safeParse(good).success);
});
