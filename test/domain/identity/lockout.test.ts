import test from 'ava';
import { delayAfterFailure, delaySeconds } from '../../../domain/identity/lockout.ts';

const waits = test.macro({
  title: (_, failures: number, seconds: number) => `delayAfterFailure: ${failures} in a row, waits ${seconds} s`,
  exec: (t, failures: number, seconds: number) => {
    t.is(delayAfterFailure(failures), seconds);
  },
});

test(waits, 1, 0);
test(waits, 10, 0);
test(waits, 11, 1);
test(waits, 12, 2);
test(waits, 20, 512);
test(waits, 21, 900);
test(waits, 5_000, 900);

test('delaySeconds: its last entry, is the longest delay', (t) => {
  t.is(delaySeconds[0], delayAfterFailure(1));
  t.is(delaySeconds[10], delayAfterFailure(11));
  t.is(delaySeconds.at(-1), delayAfterFailure(5_000));
});
