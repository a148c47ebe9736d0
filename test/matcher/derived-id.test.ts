import test from 'ava';
import { derivedId, derivedTradeId } from '../../matcher/derived-id.ts';
import { isUuidV7, timeOfId } from '../../platform/ids.ts';

const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test('derivedId: any name, is a UUIDv7 of the given millisecond', (t) => {
  for (let n = 0; n < 1_000; n += 1) {
    const id = derivedId(time, `name ${n}`);
    t.true(isUuidV7(id), id);
    t.is(timeOfId(id).getTime(), time);
  }
});

test('derivedId: the same name and time, is the same id; another of either is another', (t) => {
  t.is(derivedId(time, 'a'), derivedId(time, 'a'));
  t.not(derivedId(time, 'a'), derivedId(time, 'b'));
  t.not(derivedId(time, 'a'), derivedId(time + 1, 'a'));
});

test('derivedTradeId: trades of one millisecond, differ before the digit that the ledger’s legs use', (t) => {
  const ids = Array.from({ length: 10_000 }, (_, seq) => derivedTradeId(time, 'BTC/USDT', seq + 1));
  t.true(ids.every((id) => isUuidV7(id) && id.endsWith('0')));
  t.is(new Set(ids).size, ids.length);
});
