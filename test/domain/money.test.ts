import test from 'ava';
import { DomainError } from '../../domain/errors.ts';
import { divide, feeOf, formatDecimal, parseDecimal, type Rounding, shortestDecimal } from '../../domain/money.ts';

const parses = test.macro({
  title: (_, text: string, scale: number, atoms: bigint) =>
    `parseDecimal: "${text}" at scale ${scale}, is ${atoms} atoms`,
  exec: (t, text: string, scale: number, atoms: bigint) => {
    t.is(parseDecimal(text, scale), atoms);
  },
});

test(parses, '0', 8, 0n);
test(parses, '1', 0, 1n);
test(parses, '1.25', 8, 125_000_000n);
test(parses, '1.2500', 2, 125n);
test(parses, '0.00000001', 8, 1n);
test(parses, '90071992547409.93', 2, 9_007_199_254_740_993n); // One past Number.MAX_SAFE_INTEGER.

const refuses = test.macro({
  title: (_, text: string, why: string) => `parseDecimal: ${why} ("${text}"), is refused`,
  exec: (t, text: string, _why: string) => {
    t.is(t.throws(() => parseDecimal(text, 2), { instanceOf: DomainError }).code, 'INVALID_REQUEST');
  },
});

test(refuses, '', 'nothing');
test(refuses, '-1', 'a sign');
test(refuses, '1e3', 'an exponent');
test(refuses, '01', 'a leading zero');
test(refuses, '.5', 'no whole part');
test(refuses, '1.', 'no decimals after the point');
test(refuses, ' 1', 'a space');
test(refuses, '0.001', 'more decimals than the scale');
test(refuses, '1'.repeat(41), 'more than 40 characters');

const writes = test.macro({
  title: (_, atoms: bigint, scale: number, text: string) =>
    `formatDecimal: ${atoms} atoms at scale ${scale}, is "${text}"`,
  exec: (t, atoms: bigint, scale: number, text: string) => {
    t.is(formatDecimal(atoms, scale), text);
  },
});

test(writes, 0n, 8, '0');
test(writes, 1n, 8, '0.00000001');
test(writes, 125_000_000n, 8, '1.25');
test(writes, -5n, 1, '-0.5');
test(writes, 7n, 0, '7');

const shortens = test.macro({
  title: (_, text: string, want: string) => `shortestDecimal: "${text}", is "${want}"`,
  exec: (t, text: string, want: string) => {
    t.is(shortestDecimal(text), want);
  },
});

test(shortens, '1.2500', '1.25');
test(shortens, '100.000', '100');
test(shortens, '100', '100');
test(shortens, '0.000000000000000000', '0');

const divides = test.macro({
  title: (_, n: bigint, d: bigint, rounding: Rounding, want: bigint) =>
    `divide: ${n} by ${d} rounded ${rounding}, is ${want}`,
  exec: (t, n: bigint, d: bigint, rounding: Rounding, want: bigint) => {
    t.is(divide(n, d, rounding), want);
  },
});

test(divides, 7n, 2n, 'down', 3n);
test(divides, 7n, 2n, 'up', 4n);
test(divides, 6n, 2n, 'up', 3n);
test(divides, 0n, 2n, 'up', 0n);

test('divide: a negative numerator or no divisor, is a bug', (t) => {
  t.throws(() => divide(-1n, 2n, 'up'), { message: /Invariant broken/ });
  t.throws(() => divide(1n, 0n, 'up'), { message: /Invariant broken/ });
});

const charges = test.macro({
  title: (_, received: bigint, basisPoints: number, fee: bigint) =>
    `feeOf: ${received} received at ${basisPoints} basis points, is ${fee}`,
  exec: (t, received: bigint, basisPoints: number, fee: bigint) => {
    t.is(feeOf(received, basisPoints), fee);
  },
});

test(charges, 10_000n, 10, 10n);
test(charges, 10_001n, 10, 11n);
test(charges, 1n, 10, 1n);
test(charges, 0n, 10, 0n);
test(charges, 5n, 20_000, 5n);
