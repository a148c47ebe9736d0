import test from 'ava';
import { parseDecision } from '../../../domain/compliance/decision.ts';
import { withdrawalDetails, withdrawalOutcomes } from '../../../domain/payments/desk.ts';
import { type WithdrawalState, withdrawalStates, type WithdrawalView } from '../../../domain/payments/withdrawal.ts';
import { asRead, exampleIn, hostile, markupOf } from '../compliance/kit.ts';

/** A withdrawal of which only what is always known is known. */
const bare: WithdrawalView = {
  withdrawalId: 'withdrawal-1',
  userId: 'user-1',
  state: 'REVIEW',
  revision: 'abcdef012345',
  asset: 'BTC',
  amount: '0.50000001',
  address: 'bc1qxy2',
  quoteValue: '25000.5',
  reasons: [],
  decisions: [],
  confirmBy: '2026-01-02T10:00:00.000Z',
};
const approval = (officerId: string) => ({
  officerId,
  outcome: 'approve' as const,
  revision: bare.revision,
  decidedAt: '2026-01-01T10:00:00.000Z',
});
const full: WithdrawalView = {
  ...bare,
  approvalsNeeded: 2,
  reasons: [
    { points: 0, text: 'It is worth 25000.5' },
    { points: 100, text: 'The destination is on a sanctions list (OFAC SDN)' },
  ],
  decisions: [approval('officer-1')],
  dueAt: '2026-01-02T10:00:00.000Z',
  approveBy: '2026-01-03T10:00:00.000Z',
  txHash: '0xfeed',
  endedReason: 'nobody approved it in time',
};

test('withdrawalDetails: everything known, is there to be read', (t) => {
  const read = asRead(withdrawalDetails(full, 'It is overdue.'));
  for (const fact of [
    'Withdrawal of 0.50000001 BTC by user user-1',
    'A decision is asked.** It is overdue.',
    '| Withdrawal withdrawal-1 |',
    '| Amount | 0.50000001 BTC |',
    '| Worth | 25000.5 |',
    '| To | bc1qxy2 |',
    '| Transaction | 0xfeed |',
    '| Ended because | nobody approved it in time |',
    'Officers needed: 2',
    '- It is worth 25000.5',
    '- The destination is on a sanctions list (OFAC SDN)',
    '(1 of 2 approvals)',
    '- 2026-01-01T10:00:00.000Z: approve, by officer officer-1',
    'until 2026-01-02T10:00:00.000Z (it expires at 2026-01-03T10:00:00.000Z)',
  ])
    t.true(read.includes(fact), fact);
});

test('withdrawalDetails: nobody has to approve, says so and why', (t) => {
  const details = withdrawalDetails({ ...full, state: 'APPROVED', approvalsNeeded: 0, decisions: [] });
  t.regex(details, /No officer is needed\*\*, because:\n- It is worth 25000\.5\n/);
});

test('withdrawalDetails: refusals and approvals of other facts, are told and not counted', (t) => {
  const decisions = [
    { ...approval('officer-1'), revision: '000000000000' },
    { ...approval('officer-2'), outcome: 'reject' as const },
    approval('officer-3'),
  ];
  const details = withdrawalDetails({ ...full, decisions });
  t.regex(details, /\(1 of 2 approvals\)/);
  for (const { officerId, outcome } of decisions) t.true(details.includes(`${outcome}, by officer ${officerId}`));
});

test('withdrawalDetails: what is not known yet, leaves neither a heading nor a gap', (t) => {
  const parts = withdrawalDetails({ ...bare, state: 'SCREENING' }).split('\n\n');
  t.is(parts.length, 3, 'a title, the state, the facts');
  t.notRegex(withdrawalDetails(bare), /undefined|needed|Decided|Transaction|Ended|\n\n\n/);
});

const stateSays = {
  REQUESTED: 'is mailed a link',
  AWAITING_CONFIRMATION: 'has to confirm',
  SCREENING: 'is being checked',
  REVIEW: 'A decision is asked',
  APPROVED: 'will be signed',
  SIGNING: 'is being signed',
  BROADCAST: 'Waiting for the chain',
  CONFIRMED: 'Confirmed by the chain',
  SETTLED: 'Settled',
  CANCELLED: 'Cancelled by the customer; the funds are back',
  REJECTED: 'Rejected; the funds are back',
  EXPIRED: 'Expired; the funds are back',
} as const satisfies Record<WithdrawalState, string>;

for (const state of withdrawalStates) {
  const open = state === 'REVIEW';
  test(`withdrawalDetails: ${state}, says so and ${open ? 'shows' : 'does not show'} how to decide`, (t) => {
    const details = withdrawalDetails({ ...full, state });
    t.true(details.includes(stateSays[state]));
    t.is(exampleIn(details) !== undefined, open);
    t.is(details.includes('What to do'), open);
  });
}

test('withdrawalDetails: the example of a decision, is taken with each outcome it names and never unread', (t) => {
  const example = exampleIn(withdrawalDetails(full));
  t.is(example?.['revision'], full.revision);
  t.deepEqual(example?.['outcome']?.split(' | '), [...withdrawalOutcomes]);
  for (const outcome of withdrawalOutcomes) {
    t.is(parseDecision({ ...example, outcome }, withdrawalOutcomes).outcome, outcome);
  }
  t.throws(() => parseDecision(example, withdrawalOutcomes), { code: 'INVALID_DECISION' });
});

for (const [what, change] of [
  ['address', { address: hostile }],
  ['reason of a risk', { reasons: [{ points: 0, text: hostile }, ...full.reasons.slice(1)] }],
  ['reason of its end', { endedReason: hostile }],
] as const) {
  test(`withdrawalDetails: Markdown in the ${what}, changes nothing but that text`, (t) => {
    const details = withdrawalDetails({ ...full, ...change });
    t.is(markupOf(details), markupOf(withdrawalDetails(full)));
    t.true(asRead(details).includes(hostile.replaceAll(/\s+/g, ' ')));
  });
}
