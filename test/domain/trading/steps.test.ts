import test from 'ava';
import { rescalingOf, timesIn } from '../../../domain/trading/steps.ts';

const old = { tickSize: '0.01', lotSize: '0.001' };

test('steps: finer ones, are so many in each old one', (t) => {
  t.deepEqual(rescalingOf(old, { tickSize: '0.0025', lotSize: '0.00010' }), { ticks: 4, lots: 10 });
  t.deepEqual(rescalingOf(old, { tickSize: '0.010', lotSize: '0.001' }), { ticks: 1, lots: 1 });
});

test('steps: those that do not divide the old ones, are none', (t) => {
  for (const step of ['0.003', '0.02', '0']) t.is(timesIn('0.01', step), undefined, step);
  t.is(rescalingOf(old, { ...old, lotSize: '0.0003' }), undefined);
});
