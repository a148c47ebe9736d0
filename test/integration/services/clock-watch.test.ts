import test from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { type ClockWatch, watchClock } from '../../../services/clock-watch.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { until } from '../../_support/until.ts';

const hour = 3_600_000;

const isRight = (watch: ClockWatch): boolean => {
  try {
    watch.requireRightTime();
    return true;
  } catch {
    return false;
  }
};

test('clock watch: right, then an hour off and right again, it refuses at once, says so and recovers', async (t) => {
  const { db, drop } = await createTestDatabase();
  const said: string[] = [];
  const hear = (_fields: object, text: string): void => void said.push(text);
  const metrics = createMetrics();
  const wrong: number[] = [];
  let shift = 0;
  const watch = watchClock({
    db,
    log: { ...silentLogger, error: hear, info: hear },
    metrics,
    now: () => Date.now() + shift,
    everyMs: 20,
    onWrong: (error) => void wrong.push(error),
  });
  t.teardown(async () => {
    await watch.stop();
    await drop();
  });
  const refusal = () => t.throws(() => watch.requireRightTime(), { instanceOf: DomainError }).code;
  const gauge = async () => Number(/^clock_error_seconds (.+)$/m.exec(await metrics.registry.metrics())?.[1]);

  t.is(refusal(), 'UNAVAILABLE', 'before it was ever compared');
  await until(() => isRight(watch));
  t.deepEqual([said, wrong], [[], []]);
  for (const off of [hour, -hour]) {
    shift = off;
    t.is(refusal(), 'UNAVAILABLE', 'before PostgreSQL was asked again');
    await until(async () => Math.abs((await gauge()) - off / 1_000) < 1);
    t.is(refusal(), 'UNAVAILABLE');
    t.true(Math.abs(wrong.at(-1)! - off) < 1_000);
  }
  shift = 3_000;
  await until(async () => Math.abs((await gauge()) - 3) < 1);
  t.notThrows(() => watch.requireRightTime(), 'three seconds are said, and borne');
  t.deepEqual(said, ['This machine’s clock differs from PostgreSQL’s']);
  shift = 0;
  await until(() => said.length === 2);
  t.is(said[1], 'This machine’s clock is right again');
});

test('clock watch: PostgreSQL is away, it goes on by what it knows', async (t) => {
  const { db, drop } = await createTestDatabase();
  const watch = watchClock({ db, log: silentLogger, metrics: createMetrics(), now: Date.now, everyMs: 10 });
  t.teardown(() => watch.stop());
  await until(() => isRight(watch));
  await drop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.notThrows(() => watch.requireRightTime());
});
