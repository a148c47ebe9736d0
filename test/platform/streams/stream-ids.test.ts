import test from 'ava';
import { compareStreamIds } from '../../../platform/streams/stream-ids.ts';

const order = test.macro({
  title: (_, a: string, b: string, sign: number) => `stream ids: ${a} and ${b}, compare as ${sign}`,
  exec: (t, a: string, b: string, sign: number) => {
    t.is(Math.sign(compareStreamIds(a, b)), sign);
    t.is(Math.sign(compareStreamIds(b, a)), sign === 0 ? 0 : -sign);
  },
});
test(order, '0-0', '0-1', -1);
test(order, '9-1', '10-0', -1);
test(order, '5-10', '5-9', 1);
test(order, '99999999999999-0', '1700000000000-18446744073709551615', 1);
test(order, '7-7', '7-7', 0);
