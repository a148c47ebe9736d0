import test from 'ava';
import {
  approvalsFor,
  breachOf,
  explainWithdrawal,
  leftOf,
  withdrawalStates,
  worth,
} from '../../../domain/payments/withdrawal.ts';

const rules = { automaticUpTo: '1000', oneOfficerUpTo: '10000', dailyLimit: '50000', monthlyLimit: '60000' };

test('worth: amount times price, exact and rounded up', (t) => {
  t.is(worth('0.5', '50000'), '25000');
  t.is(worth('0.000000000000000001', '0.5'), '0.000000000000000001');
});

test('worth: more than can be kept, is the most that can, and beyond every limit', (t) => {
  const value = worth('99999999999999999999', '50000');
  t.is(value, '99999999999999999999.999999999999999999');
  t.like(breachOf(value, { day: '0', month: '0' }, rules), { period: '24 h' });
});

for (const [quoteValue, listed, needed] of [
  ['1000', false, 0],
  ['1000.000000000000000001', false, 1],
  ['10000', false, 1],
  ['10000.01', false, 2],
  ['1', true, 2],
] as const) {
  test(`approvalsFor: worth ${quoteValue}${listed ? ' to a listed address' : ''}, ${needed} officer(s)`, (t) => {
    t.is(approvalsFor({ quoteValue, listed }, rules), needed);
  });
}

test('breachOf: up to a limit none, beyond it the one that breaks', (t) => {
  t.is(breachOf('50000', { day: '0', month: '0' }, rules), undefined);
  t.like(breachOf('50000.1', { day: '0', month: '0' }, rules), { period: '24 h', left: '50000' });
  t.like(breachOf('2', { day: '0', month: '59999' }, rules), { period: '30 d', left: '1' });
});

test('leftOf: more is used than a limit that was lowered, nothing is left', (t) => {
  t.deepEqual(leftOf({ day: '50001', month: '50001' }, rules), { day: '0', month: '9999' });
});

test('explainWithdrawal: every state, says something and offers cancelling only before signing', (t) => {
  const view = {
    withdrawalId: '',
    userId: '',
    revision: '',
    asset: 'BTC',
    amount: '1',
    address: '',
    quoteValue: '1',
    reasons: [],
    decisions: [],
    confirmBy: '',
  };
  const cancellable = withdrawalStates.filter((state) =>
    explainWithdrawal({ ...view, state }).youCan.includes('POST /withdrawals/{id}/cancel'),
  );
  t.deepEqual(cancellable, ['REQUESTED', 'AWAITING_CONFIRMATION', 'SCREENING', 'REVIEW', 'APPROVED']);
});
