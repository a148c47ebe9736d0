import test from 'ava';
import { createBatcher } from '../../platform/batcher.ts';

const doubled = async (batch: readonly number[]) => batch.map((n) => n * 2);

test('batcher: what comes together, handled in one run and answered in order', async (t) => {
  const batches: number[] = [];
  const run = async (batch: readonly number[]) => {
    batches.push(batch.length);
    return doubled(batch);
  };
  const batcher = createBatcher({ run, maxSize: 10, windowMs: 5 });
  t.deepEqual(await Promise.all([1, 2, 3].map((n) => batcher.add(n))), [2, 4, 6]);
  t.deepEqual(batches, [3]);
});

test('batcher: more than the largest batch, split', async (t) => {
  const sizes: number[] = [];
  const run = async (batch: readonly number[]) => {
    sizes.push(batch.length);
    return doubled(batch);
  };
  const batcher = createBatcher({ run, maxSize: 4, windowMs: 5 });
  await Promise.all(Array.from({ length: 10 }, (_, n) => batcher.add(n)));
  t.true(sizes.every((size) => size <= 4));
  t.is(
    sizes.reduce((sum, size) => sum + size, 0),
    10,
  );
});

test('batcher: a run that fails, its inputs alone rejected', async (t) => {
  let calls = 0;
  const run = async (batch: readonly number[]) => {
    calls += 1;
    if (calls === 1) throw new Error('the database went away');
    return doubled(batch);
  };
  const batcher = createBatcher({ run, maxSize: 2, windowMs: 1 });
  const answers = await Promise.allSettled([1, 2, 3].map((n) => batcher.add(n)));
  t.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
});

test('batcher: too few results, the rest rejected', async (t) => {
  const batcher = createBatcher({ run: async () => [1], maxSize: 2, windowMs: 1 });
  const [first, second] = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
  t.is(first.status, 'fulfilled');
  t.is(second.status, 'rejected');
});

test('batcher: drained, everything added before was answered', async (t) => {
  let answered = 0;
  const batcher = createBatcher({ run: doubled, maxSize: 2, windowMs: 1 });
  for (let n = 0; n < 5; n += 1) void batcher.add(n).then(() => (answered += 1));
  await batcher.drain();
  t.is(answered, 5);
  t.is(batcher.waiting, 0);
  await batcher.drain();
});

test('batcher: while a batch runs, what comes gathers for the next and none runs beside it', async (t) => {
  const sizes: number[] = [];
  let running = 0;
  const run = async (batch: readonly number[]) => {
    running += 1;
    t.is(running, 1);
    sizes.push(batch.length);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    return doubled(batch);
  };
  const batcher = createBatcher({ run, maxSize: 10, windowMs: 0 });
  const first = batcher.add(1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await Promise.all([first, ...[2, 3, 4].map((n) => batcher.add(n))]);
  t.deepEqual(sizes, [1, 3]);
});
