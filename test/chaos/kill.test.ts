import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { createChaos, rounds, type Trial, underLoad, watchTotals } from '../_support/chaos.ts';
import { createCustomers } from '../_support/load.ts';
import { type AppName, startSystem } from '../_support/system.ts';
import type { ServerName } from '../_support/own-servers.ts';

const test = anyTest as TestFn<Trial>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['postgres', 'redis', 'temporal'] });
  t.context = { system, customers: [] };
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

/** Kills and starts again, `rounds` times, at random moments. */
async function killUnderLoad(
  t: ExecutionContext<Trial>,
  kill: () => Promise<void>,
  start: () => Promise<void>,
): Promise<void> {
  t.timeout(rounds * 60_000 + 120_000);
  const chaos = createChaos(t);
  await underLoad(t, t.context, chaos, async () => {
    for (let round = 0; round < rounds; round += 1) {
      await kill();
      await chaos.moment(100, 800);
      await start();
      await chaos.moment(500, 1_500);
    }
  });
  t.deepEqual(t.context.system.lost(), [], 'no other process ended');
}

for (const app of ['matcher', 'api', 'workers'] as const satisfies readonly AppName[]) {
  test.serial(`${app}: killed at a random moment under load, nothing is lost or doubled`, async (t) => {
    const { system } = t.context;
    await killUnderLoad(
      t,
      () => system.kill(app),
      () => system.start(app),
    );
  });
}

const servers: readonly (readonly [what: string, name: ServerName, emptied: boolean])[] = [
  ['Redis: killed', 'redis', false],
  ['Redis: killed and started again empty', 'redis', true],
  ['Temporal: killed', 'temporal', false],
  ['PostgreSQL: killed', 'postgres', false],
];
for (const [what, name, emptied] of servers) {
  test.serial(`${what} under load, nothing is lost or doubled and no process needs a restart`, async (t) => {
    const server = t.context.system.servers[name]!;
    const over = new AbortController();
    const watching = watchTotals(t.context.system, over.signal);
    await killUnderLoad(t, server.kill, () => server.start({ emptied })).finally(() => over.abort());
    const { reads, wrong } = await watching;
    t.true(reads > 10);
    t.deepEqual(wrong.slice(0, 5), [], 'every read of all balances sums to zero');
  });
}

test.serial(
  'PostgreSQL: every session of the living matcher ended under load, nothing is lost or doubled',
  async (t) => {
    const { system } = t.context;
    const end = async (): Promise<void> => {
      const ended = await system.db.any(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'matcher'",
      );
      t.true(ended.length > 0);
    };
    await killUnderLoad(t, end, () => Promise.resolve());
  },
);
