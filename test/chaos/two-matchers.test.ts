import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<Trial>;

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, customers: [] };
  await system.start('matcher2');
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

test('matchers: the leader of two is frozen and comes back, the standby leads and the old one ends', async (t) => {
  t.timeout(rounds * 60_000 + 120_000);
  const chaos = createChaos(t);
  const { system } = t.context;
  const epoch = async () =>
    Number((await system.db.one<{ epoch: string }>('SELECT max(epoch) AS epoch FROM trading.market_state')).epoch);
  let [leader, standby] = ['matcher', 'matcher2'] as ['matcher' | 'matcher2', 'matcher' | 'matcher2'];
  await underLoad(t, t.context, chaos, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const before = await epoch();
      await chaos.moment(100, 800);
      t.is(await epoch(), before, 'a standby leaves a living leader alone');
      const frozenAt = performance.now();
      system.signal(leader, 'SIGSTOP');
      await until(async () => (await epoch()) > before, 20_000);
      t.true(performance.now() - frozenAt < 10_000, 'it takes over within 10 s');
      await chaos.moment(100, 1_000);
      system.signal(leader, 'SIGCONT');
      t.is(await system.ended(leader), 'exit code 1', 'the old one ends');
      await sleep(300);
      await system.start(leader);
      [leader, standby] = [standby, leader];
    }
  });
  t.deepEqual(system.lost(), []);
});
