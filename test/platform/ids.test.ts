import test from 'ava';
import { createIds, isUuidV7, timeOfId } from '../../platform/ids.ts';

test('ids: made in one millisecond, ascending and of version 7', (t) => {
  const newId = createIds(() => new Date(1_700_000_000_000));
  const ids = Array.from({ length: 1000 }, newId);
  t.deepEqual(ids.toSorted(), ids);
  t.is(new Set(ids).size, 1000);
  t.true(ids.every(isUuidV7));
});

test('ids: the time of an id, the millisecond it was made in', (t) => {
  const at = new Date('2026-11-21T12:34:56.789Z');
  t.deepEqual(timeOfId(createIds(() => at)()), at);
});

test('ids: a clock that steps back, ids that still ascend', (t) => {
  const times = [5000, 6000, 4000, 4000, 7000];
  const newId = createIds(() => new Date(times.shift() ?? 0));
  const ids = Array.from({ length: 5 }, newId);
  t.deepEqual(ids.toSorted(), ids);
});
