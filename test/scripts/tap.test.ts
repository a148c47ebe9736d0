import test from 'ava';
import { createTapCounter, type Count } from '../../scripts/setup/tap.ts';

const counts = test.macro({
  title: (_, circumstance: string, _lines: readonly string[], _exitCode: number | null, want: Count) =>
    `createTapCounter: ${circumstance}, counts ${want.passed} passed and ${want.failed} failed`,
  exec: (t, _circumstance: string, lines: readonly string[], exitCode: number | null, want: Count) => {
    const counter = createTapCounter(() => undefined);
    for (const line of lines) counter.line(line);
    t.deepEqual(counter.end(exitCode), want);
  },
});

test(counts, 'all pass', ['TAP version 13', 'ok 1 - a', 'ok 2 - b', '1..2'], 0, { passed: 2, failed: 0 });
test(counts, 'one fails', ['ok 1 - a', 'not ok 2 - b', '  ---', '  ...'], 1, { passed: 1, failed: 1 });
test(counts, 'one is skipped', ['ok 1 - a', 'ok 2 - b # SKIP'], 0, { passed: 1, failed: 1 });
test(counts, 'the runner broke off after passing tests', ['ok 1 - a'], 1, { passed: 1, failed: 1 });
test(counts, 'the runner was killed', ['ok 1 - a'], null, { passed: 1, failed: 1 });
test(counts, 'nothing ran', ['TAP version 13'], 0, { passed: 0, failed: 1 });
test(counts, 'tests that never came to an end', ['ok 1 - a', '# fail 2'], 1, { passed: 1, failed: 2 });

test('createTapCounter: tests failed among many, says at the end again which ones and why', (t) => {
  const printed: string[] = [];
  const counter = createTapCounter((line) => printed.push(line));
  for (const line of ['ok 1 - a', 'not ok 2 - b', '  ---', "  message: 'no'", '  ...', 'ok 3 - c']) counter.line(line);
  printed.length = 0;
  counter.end(1);
  t.deepEqual(printed, ['Failed:', '✘ b', '  ---', "  message: 'no'", '  ...', 'In short:', '✘ b']);
});
