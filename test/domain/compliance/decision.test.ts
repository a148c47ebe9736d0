import test from 'ava';
import { checkDecision, parseDecision } from '../../../domain/compliance/decision.ts';

const good = {
  officer: 'olivia@example.com',
  code: '123456',
  revision: 'abcdef012345',
  outcome: 'approve',
  reason: 'in order',
} as const;

test('parseDecision: a whole decision, read and trimmed', (t) => {
  t.deepEqual(parseDecision({ ...good, reason: ' in order ' }), { ...good });
});

for (const sent of [undefined, null, 'approve', [], 7]) {
  test(`parseDecision: ${JSON.stringify(sent)}, refused with everything that is missing`, (t) => {
    const error = t.throws(() => parseDecision(sent), { code: 'INVALID_DECISION' });
    for (const field of ['officer', 'code', 'revision', 'outcome', 'reason'])
      t.true(error.message.includes(`${field}:`));
  });
}

test('parseDecision: an outcome this desk does not know, refused and the others named', (t) => {
  const sent = { ...good, outcome: 'more_info' };
  t.throws(() => parseDecision(sent, ['approve', 'reject']), { message: /outcome: one of approve, reject\./ });
});

const officerId = '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f';
const desk = { open: true, state: 'review', revision: good.revision, counted: [] };
const counted = [{ officerId, outcome: 'approve', revision: good.revision, decidedAt: '' }] as const;

test('checkDecision: open and of this revision, passes; closed or changed, refused', (t) => {
  t.notThrows(() => checkDecision(desk, good));
  t.throws(() => checkDecision({ ...desk, open: false }, good), { code: 'DECISION_CLOSED' });
  t.throws(() => checkDecision({ ...desk, revision: '000000000000' }, good), { code: 'CASE_CHANGED' });
});

test('checkDecision: the same officer again, passes with the same outcome and not with another', (t) => {
  const again = { ...good, officer: officerId };
  t.notThrows(() => checkDecision({ ...desk, counted }, again));
  t.throws(() => checkDecision({ ...desk, counted }, { ...again, outcome: 'reject' }), { code: 'DECISION_DUPLICATE' });
});
