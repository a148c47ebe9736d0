import test from 'ava';
import { hasFreshFactor, totpStepOf } from '../../../domain/identity/totp.ts';

const now = new Date('2026-11-21T12:00:00Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);

test('hasFreshFactor: shown never, five minutes ago, a millisecond longer ago, only the second is fresh', (t) => {
  t.false(hasFreshFactor({ lastFactorAt: undefined }, now));
  t.true(hasFreshFactor({ lastFactorAt: ago(300_000) }, now));
  t.false(hasFreshFactor({ lastFactorAt: ago(300_001) }, now));
});

test('totpStepOf: both ends of a period, are one step', (t) => {
  t.is(totpStepOf(new Date(59_999)), 1);
  t.is(totpStepOf(new Date(60_000)), 2);
});
