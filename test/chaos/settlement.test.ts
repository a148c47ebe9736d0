import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { createBookCheck } from '../../services/books.ts';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<Trial>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['temporal'] });
  t.context = { system, customers: [] };
  t.context = { system, customers: await createCustomers(system.internal, 50) };
});
test.after.always((t) => t.context.system.stop());

const isLong = rounds > 1;

interface Settled {
  readonly traded: number;
  readonly settled: number;
}

const progress = ({ db }: System): Promise<Settled> =>
  db.one<Settled>(
    `SELECT sum(trade_seq)::int AS traded, coalesce(sum(settled_seq), 0)::int AS settled
       FROM trading.market_state LEFT JOIN ledger.settlement_progress USING (symbol)`,
  );

/** Orders a second of which about as many trades come: most of them cross. */
const rate = isLong ? 700 : 100;
const awaySeconds = isLong ? 60 : 5;

test.serial(
  `Temporal: stopped for ${awaySeconds} s, trading goes on, settlement catches up, each trade once`,
  async (t) => {
    t.timeout((awaySeconds + 240) * 1_000);
    const { system } = t.context;
    const temporal = system.servers.temporal!;
    await underLoad(t, { ...t.context, rate }, createChaos(t), async () => {
      await temporal.kill();
      // The worker finishes what it was given before.
      await sleep(1_000);
      const before = await progress(system);
      await sleep((awaySeconds - 1) * 1_000);
      const after = await progress(system);
      const perSecond = (after.traded - before.traded) / (awaySeconds - 1);
      t.log(`${Math.round(perSecond)} trades/s meanwhile, ${after.traded - after.settled} left to settle`);
      t.true(perSecond > rate / 10, 'trading goes on');
      await temporal.start();
    });
    t.like(await progress(system), { settled: (await progress(system)).traded });
    t.deepEqual(system.lost(), []);
  },
);

/** Waits until a batch is being posted: the worker's statement runs in PostgreSQL, or its transaction is open. */
const posting = ({ db }: System): Promise<boolean> =>
  db
    .one<{ count: number }>(
      `SELECT count(*)::int FROM pg_stat_activity
        WHERE application_name = 'workers' AND state <> 'idle' AND query LIKE '%post_trades%'`,
    )
    .then(({ count }) => count > 0);

const kills = isLong ? 20 : 3;

test.serial(
  `workers: killed inside a batch ${kills} times under load, settlement catches up, each trade once`,
  async (t) => {
    t.timeout(kills * 30_000 + 120_000);
    const { system } = t.context;
    const chaos = createChaos(t);
    await underLoad(t, { ...t.context, rate: 200 }, chaos, async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        await until(() => posting(system), 30_000);
        await system.kill('workers');
        await system.start('workers');
      }
    });
    t.deepEqual(system.lost(), []);
  },
);

/** Reconciles again and again, until told to stop. */
async function reconcile(t: ExecutionContext<Trial>, over: AbortSignal): Promise<number> {
  const run = createBookCheck({ db: t.context.system.db, clock: systemClock });
  let runs = 0;
  while (!over.aborted) {
    const { breaks } = await run();
    t.deepEqual(breaks.slice(0, 5), []);
    runs += 1;
    await sleep(isLong ? 10_000 : 500);
  }
  return runs;
}

const minutes = isLong ? 3 * rounds : 0.1;

test.serial(`reconciliation: under load with kills for ${minutes} minutes, no false alarm`, async (t) => {
  t.timeout(minutes * 60_000 + 240_000);
  const { system } = t.context;
  const chaos = createChaos(t);
  const over = new AbortController();
  await underLoad(t, t.context, chaos, async () => {
    const reconciling = reconcile(t, over.signal);
    const until = performance.now() + minutes * 60_000;
    for (let next = 0; performance.now() < until; next += 1) {
      const app = (['workers', 'matcher', 'api'] as const)[next % 3]!;
      await system.kill(app);
      await chaos.moment(100, 800);
      await system.start(app);
      await chaos.moment(isLong ? 5_000 : 200, isLong ? 20_000 : 500);
    }
    over.abort();
    t.log(`${await reconciling} times`);
  });
  t.deepEqual(system.lost(), []);
});
