import anyTest, { type TestFn } from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { createIds } from '../../platform/ids.ts';
import { createMetrics } from '../../platform/telemetry.ts';
import { silentLogger } from '../../platform/log.ts';
import { createBookCheck, withdrawalHalts } from '../../services/books.ts';
import { createBreakRecorder } from '../../services/ledger/break-records.ts';
import { createReconciler } from '../../services/ledger/reconciler.ts';
import { wantFullCheck } from '../../storage/ledger/checks.ts';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';

const test = anyTest as TestFn<Trial>;

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, customers: [] };
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

/** Checks without a pause, quickly and fully in turn, beside the system's own reconciler; answers how often. */
function checkAllTheTime({ db }: System): () => Promise<number> {
  const parts = { db, clock: systemClock, log: silentLogger };
  const record = createBreakRecorder({ ...parts, newId: createIds(systemClock), halts: withdrawalHalts });
  const reconcile = createBookCheck(parts);
  const { check } = createReconciler({ ...parts, metrics: createMetrics(), everyMs: 1, reconcile, record });
  let times = 0;
  const over = new AbortController();
  const running = (async () => {
    while (!over.signal.aborted) {
      if (times % 2 === 0) await wantFullCheck(db);
      await check();
      times += 1;
    }
    return times;
  })();
  return () => {
    over.abort();
    return running;
  };
}

test.serial('reconciler: checks all the time under load while matcher and workers die, raises no alarm', async (t) => {
  t.timeout(rounds * 60_000 + 120_000);
  const { system } = t.context;
  const chaos = createChaos(t);
  await underLoad(t, t.context, chaos, async () => {
    const stop = checkAllTheTime(system);
    for (let round = 0; round < rounds; round += 1) {
      for (const app of ['matcher', 'workers'] as const) {
        await chaos.moment(500, 1_500);
        await system.kill(app);
        await chaos.moment(100, 800);
        await system.start(app);
      }
    }
    await chaos.moment(1_000, 2_000);
    const times = await stop();
    t.log(`${times} checks`);
    t.true(times > 10);
  });
});
