import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem } from '../_support/system.ts';

const test = anyTest as TestFn<Trial>;

const parts = ['postgres', 'redis', 'matcher', 'api'] as const;
type Part = (typeof parts)[number];

/** Every order that parts can be started in. */
function permutations(left: readonly Part[]): Part[][] {
  if (left.length === 0) return [[]];
  return left.flatMap((first) => permutations(left.filter((part) => part !== first)).map((rest) => [first, ...rest]));
}

/** A normal run tries some that the seed chooses, a long one all. */
const tried = rounds === 1 ? 2 : Infinity;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['postgres', 'redis', 'temporal'] });
  t.context = { system, customers: [] };
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

test.serial('everything: killed at once and started in any order, nothing is lost and nobody gives up', async (t) => {
  const { system } = t.context;
  const { random } = createChaos(t);
  const orders = permutations(parts).map((order) => ({ order, key: random.below(1_000_000) }));
  const chosen = orders.toSorted((a, b) => a.key - b.key).slice(0, tried);
  t.timeout(chosen.length * 60_000 + 120_000);
  const { postgres, redis, temporal } = system.servers;

  async function start(part: Part): Promise<void> {
    if (part === 'postgres' || part === 'redis') await { postgres, redis }[part]!.start();
    else await system.start(part);
  }

  for (const { order } of chosen) {
    t.log(order.join(', '));
    await underLoad(t, t.context, createChaos(t), async () => {
      const killed = (['api', 'matcher', 'workers'] as const).map((app) => system.kill(app));
      await Promise.all([...killed, redis!.kill(), postgres!.kill(), temporal!.kill()]);
      const starting = [temporal!.start(), system.start('workers')];
      for (const part of order) {
        starting.push(start(part));
        await sleep(500 + random.below(1_500));
      }
      await Promise.all(starting);
    });
  }
  t.deepEqual(system.lost(), [], 'no process ended because another was late');
});
