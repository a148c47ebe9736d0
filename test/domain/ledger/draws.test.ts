import test from 'ava';
import fc from 'fast-check';
import { drawInOrder } from '../../../domain/ledger/draws.ts';

const of = (...amounts: bigint[]) => amounts.map((remaining, index) => ({ reservationId: String(index), remaining }));

test('draw in order: less than the first holds, takes it from the first', (t) => {
  t.deepEqual(drawInOrder(of(5n, 5n), 3n), [{ reservationId: '0', amount: 3n }]);
});

test('draw in order: more than the first holds, goes on to the next and skips empty ones', (t) => {
  t.deepEqual(drawInOrder(of(5n, 0n, 5n), 7n), [
    { reservationId: '0', amount: 5n },
    { reservationId: '2', amount: 2n },
  ]);
});

test('draw in order: more than all hold, nothing', (t) => {
  t.is(drawInOrder(of(5n, 5n), 11n), undefined);
  t.is(drawInOrder([], 1n), undefined);
});

test('draw in order: any reservations and amount, draws sum to the amount and overdraw none', (t) => {
  const holdings = fc.array(fc.bigInt({ min: 0n, max: 1_000n }));
  fc.assert(
    fc.property(holdings, fc.bigInt({ min: 0n, max: 5_000n }), (amounts, wanted) => {
      const draws = drawInOrder(of(...amounts), wanted);
      const sum = (all: readonly bigint[]): bigint => all.reduce((total, each) => total + each, 0n);
      if (draws === undefined) return sum(amounts) < wanted;
      return (
        sum(draws.map(({ amount }) => amount)) === wanted &&
        draws.every(({ reservationId, amount }) => amount > 0n && amount <= (amounts[Number(reservationId)] ?? 0n))
      );
    }),
  );
  t.is(drawInOrder(of(), 0n)?.length, 0);
});
