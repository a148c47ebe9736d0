import test from 'ava';
import { createClockCheck } from '../../platform/clock-check.ts';

const hour = 3_600_000;

/** Two clocks that begin an hour apart, and one that only ever counts. */
function clocks() {
  const times = { here: 10 * hour, there: 9 * hour, counted: 0 };
  const check = createClockCheck(
    () => times.here,
    () => times.counted,
  );
  const pass = (ms: number): void => {
    for (const clock of ['here', 'there', 'counted'] as const) times[clock] += ms;
  };
  const look = () => check.look(async () => times.there);
  return { times, check, pass, look };
}

test('clock check: before any look, no error is known', (t) => {
  const { check } = clocks();
  t.deepEqual([check.isKnown, check.error()], [false, 0]);
});

test('clock check: an hour ahead, an hour; an hour behind, minus an hour', async (t) => {
  const { times, check, pass, look } = clocks();
  await look();
  t.deepEqual([check.isKnown, check.error()], [true, hour]);
  times.here -= 2 * hour;
  pass(1_000);
  t.is(check.error(), -hour);
});

test('clock check: right, and then stepped back between two looks, seen at once', async (t) => {
  const { times, check, pass, look } = clocks();
  times.here = times.there;
  await look();
  pass(500);
  t.is(check.error(), 0);
  times.here -= 2_000;
  t.is(check.error(), -2_000);
});

test('clock check: an answer that took three seconds, no error within those', async (t) => {
  const { times, check, pass } = clocks();
  times.here = times.there;
  await check.look(async () => {
    pass(1_000);
    const answer = times.there;
    pass(2_000);
    return answer;
  });
  t.is(check.error(), 0);
  times.here += 2_500;
  t.is(check.error(), 1_500, 'what is certain');
  times.here -= 5_000;
  t.is(check.error(), -500);
});
