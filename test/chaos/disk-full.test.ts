import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createCustomers, type Load } from '../_support/load.ts';
import { moveToSmallDisk, type SmallDisk } from '../_support/small-disk.ts';
import { startSystem } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context extends Trial {
  readonly disks: Readonly<Record<'postgres' | 'redis', SmallDisk>>;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['postgres', 'redis'] });
  t.context = { system, customers: [], disks: {} as Context['disks'] };
  const customers = await createCustomers(system.internal, 20);
  const { postgres, redis } = system.servers;
  await Promise.all([postgres!.kill(), redis!.kill()]);
  // Small, but with room for what the test writes: it is filled at a moment of our choice.
  const disks = {
    postgres: await moveToSmallDisk(postgres!.dataDir, 256),
    redis: await moveToSmallDisk(redis!.dataDir, 48),
  };
  t.context = { system, customers, disks };
  await Promise.all([postgres!.start(), redis!.start()]);
  await until(
    () =>
      fetch(`${system.internal}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    20_000,
  );
});
test.after.always(async ({ context: { system, disks } }) => {
  await Promise.all([system.servers.postgres!.kill(), system.servers.redis!.kill()]);
  for (const disk of Object.values(disks)) await disk.unmount();
  await system.stop();
});

/** Waits until no order has been placed for a second: all are refused. */
async function untilRefused({ tally }: Load): Promise<void> {
  let [placed, since] = [tally.placed, performance.now()];
  await until(() => {
    if (tally.placed !== placed) [placed, since] = [tally.placed, performance.now()];
    return performance.now() - since > 1_000;
  }, 30_000);
}

async function fillUnderLoad(t: ExecutionContext<Context>, disk: SmallDisk, whileFull: () => Promise<void>) {
  t.timeout(rounds * 60_000 + 120_000);
  const chaos = createChaos(t);
  await underLoad(t, t.context, chaos, async (load) => {
    for (let round = 0; round < rounds; round += 1) {
      const { retried } = load.tally;
      disk.fill();
      await untilRefused(load);
      t.true(load.tally.retried > retried, 'with 503');
      await whileFull();
      disk.free();
      await chaos.moment(1_000, 2_000);
    }
  });
  t.deepEqual(t.context.system.lost(), [], 'no process ended');
}

test.serial(
  'PostgreSQL: its disk is full under load, orders are refused, and all goes on when there is space',
  async (t) => {
    await fillUnderLoad(t, t.context.disks.postgres, () => sleep(500).then(() => undefined));
  },
);

test.serial('PostgreSQL: no room for its log, it stops, and all goes on when it is started with space', async (t) => {
  const { system, disks } = t.context;
  const postgres = system.servers.postgres!;
  await fillUnderLoad(t, disks.postgres, async () => {
    // It cannot begin the next file of its log: that ends it, as a crash would, and starting needs space too.
    await until(
      () =>
        system.db.one('SELECT pg_switch_wal()').then(
          () => false,
          () => true,
        ),
      20_000,
    );
    const log = readFileSync(postgres.logFile, 'utf8');
    t.regex(log, /PANIC: .*No space left on device/);
    disks.postgres.free();
    await postgres.kill();
    await postgres.start();
  });
});

test.serial(
  'Redis: its disk is full under load, orders are refused, and all goes on when there is space',
  async (t) => {
    await fillUnderLoad(t, t.context.disks.redis, () => sleep(500).then(() => undefined));
    t.regex(t.context.system.log('api'), /MISCONF/);
  },
);

test.serial('api, matcher, workers: their logs cannot be written, they serve all the same', async (t) => {
  const { system } = t.context;
  const apps = ['workers', 'matcher', 'api'] as const;
  for (const app of apps) {
    await system.stopApp(app);
    await system.start(app, { logFile: '/dev/full', env: { LOG_LEVEL: 'debug' } });
  }
  await underLoad(t, t.context, createChaos(t), () => sleep(1_000).then(() => undefined));
  t.deepEqual(system.lost(), []);
});
