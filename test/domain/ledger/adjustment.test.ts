import test from 'ava';
import { parseDecision } from '../../../domain/compliance/decision.ts';
import {
  adjustmentDetails,
  adjustmentOutcomes,
  type AdjustmentState,
  adjustmentStates,
  type AdjustmentView,
} from '../../../domain/ledger/adjustment.ts';
import { asRead, exampleIn, hostile, markupOf } from '../compliance/kit.ts';

const bare: AdjustmentView = {
  adjustmentId: 'adjustment-1',
  userId: 'user-1',
  asset: 'BTC',
  amount: '0.50000001',
  direction: 'CREDIT',
  reason: 'credited to the wrong customer',
  requestedBy: 'admin-1',
  requestedAt: '2026-01-01T09:00:00.000Z',
  state: 'REVIEW',
  revision: 'abcdef012345',
  decisions: [],
};
const full: AdjustmentView = {
  ...bare,
  reference: 'ticket 77',
  endedReason: 'nobody approved it in time',
  decisions: [
    { officerId: 'officer-1', outcome: 'approve', revision: bare.revision, decidedAt: '2026-01-01T10:00:00.000Z' },
  ],
  dueAt: '2026-01-02T09:00:00.000Z',
  approveBy: '2026-01-03T09:00:00.000Z',
};

test('adjustmentDetails: everything known, is there to be read', (t) => {
  const read = asRead(adjustmentDetails(full, 'It is overdue.'));
  for (const fact of [
    '### Credit of 0.50000001 BTC, user user-1',
    'A decision is asked.** It is overdue.',
    '| Adjustment adjustment-1 |',
    '| Moves | 0.50000001 BTC |',
    "| From | the house's suspense account |\n| To | user user-1 |",
    '| Reason | credited to the wrong customer |',
    '| Reference | ticket 77 |',
    '| Requested by | user admin-1, at 2026-01-01T09:00:00.000Z |',
    '| Ended because | nobody approved it in time |',
    '(1 of 2 approvals)',
    '- 2026-01-01T10:00:00.000Z: approve, by officer officer-1',
    '2 officers have to approve**, none of them the one who requested it',
    'until 2026-01-02T09:00:00.000Z (it expires at 2026-01-03T09:00:00.000Z)',
  ])
    t.true(read.includes(fact), fact);
});

test('adjustmentDetails: a debit, moves the other way', (t) => {
  const read = asRead(adjustmentDetails({ ...bare, direction: 'DEBIT' }));
  t.true(read.startsWith('### Debit of 0.50000001 BTC, user user-1'));
  t.true(read.includes("| From | user user-1 |\n| To | the house's suspense account |"));
});

test('adjustmentDetails: what is not known, leaves neither a heading nor a gap', (t) => {
  t.notRegex(adjustmentDetails(bare), /undefined|Reference|Decided|Ended|\n\n\n/);
});

const stateSays = {
  REVIEW: 'A decision is asked',
  POSTED: 'the books are corrected',
  REJECTED: 'Rejected; nothing was moved',
  EXPIRED: 'Expired; nothing was moved',
  REFUSED: 'could not be posted; nothing was moved',
} as const satisfies Record<AdjustmentState, string>;

for (const state of adjustmentStates) {
  const open = state === 'REVIEW';
  test(`adjustmentDetails: ${state}, says so and ${open ? 'shows' : 'does not show'} how to decide`, (t) => {
    const details = adjustmentDetails({ ...full, state });
    t.true(details.includes(stateSays[state]));
    t.is(exampleIn(details) !== undefined, open);
    t.is(details.includes('have to approve'), open);
  });
}

test('adjustmentDetails: the example of a decision, is taken with each outcome it names', (t) => {
  const example = exampleIn(adjustmentDetails(full));
  t.is(example?.['revision'], full.revision);
  t.deepEqual(example?.['outcome']?.split(' | '), [...adjustmentOutcomes]);
  for (const outcome of adjustmentOutcomes) {
    t.is(parseDecision({ ...example, outcome }, adjustmentOutcomes).outcome, outcome);
  }
});

for (const what of ['reason', 'reference', 'endedReason'] as const) {
  test(`adjustmentDetails: Markdown in its ${what}, changes nothing but that text`, (t) => {
    const details = adjustmentDetails({ ...full, [what]: hostile });
    t.is(markupOf(details), markupOf(adjustmentDetails(full)));
    t.true(asRead(details).includes(hostile.replaceAll(/\s+/g, ' ')));
  });
}
