import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { Redis } from 'ioredis';
import { createChaos, rounds, type Trial, underLoad } from '../_support/chaos.ts';
import { createClient } from '../_support/client.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context extends Trial {
  /** Where Redis keeps its data. */
  readonly folder: string;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['redis'] });
  t.context = { system, customers: [], folder: '' };
  const redis = new Redis(system.servers.redis!.url);
  const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
  redis.disconnect();
  t.context = { system, customers: await createCustomers(system.internal, 20), folder };
});
test.after.always((t) => t.context.system.stop());

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(join(folder, 'appendonlydir'));
  const sizes = files.map(async (file) => (await stat(join(folder, 'appendonlydir', file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Kills Redis and starts it from what it had a second before, as `appendfsync everysec` allows. Answers the loss. */
async function loseLastSecond({ system: { servers }, folder }: Context, beforeKill: () => void): Promise<number> {
  const kept = await mkdtemp(join(tmpdir(), 'pandora-redis-'));
  try {
    await cp(folder, kept, { recursive: true });
    beforeKill();
    await sleep(1_000);
    await servers.redis!.kill();
    const lost = (await bytesIn(folder)) - (await bytesIn(kept));
    await rm(folder, { recursive: true });
    await cp(kept, folder, { recursive: true });
    await servers.redis!.start();
    return lost;
  } finally {
    await rm(kept, { recursive: true });
  }
}

/** Waits until the book that the API shows is the one that is committed. */
async function untilShown({ db, rest }: System, symbol: string): Promise<void> {
  const client = createClient(`${rest}/api/v1`);
  const path = `/markets/${symbol.replace('/', '-')}/depth`;
  await until(async () => {
    const { book_seq } = await db.one<{ book_seq: string }>(
      'SELECT book_seq FROM trading.market_state WHERE symbol = $<symbol>',
      { symbol },
    );
    const { body } = await client.send({ method: 'GET', path });
    return String(body['book_seq']) === book_seq;
  }, 20_000);
  client.close();
}

for (const [when, isFrozen] of [
  ['that the matcher had read', false],
  ['that the matcher, frozen, had not read', true],
] as const) {
  test.serial(`Redis: killed and without its last second, ${when}, nothing is lost or doubled`, async (t) => {
    t.timeout(rounds * 60_000 + 120_000);
    const { context } = t;
    const { system } = context;
    const chaos = createChaos(t);
    await underLoad(t, context, chaos, async () => {
      for (let round = 0; round < rounds; round += 1) {
        await chaos.moment(500, 1_500);
        const lost = await loseLastSecond(context, () => {
          if (isFrozen) system.signal('matcher', 'SIGSTOP');
        });
        if (isFrozen) system.signal('matcher', 'SIGCONT');
        t.log(`${lost} bytes lost`);
        t.true(lost > 10_000, 'a second of load is lost');
      }
      await chaos.moment(500, 1_500);
    });
    if (isFrozen) t.regex(system.log('matcher'), /Takes in what the stream did not bring/);
    for (const symbol of ['BTC/USDT', 'ETH/USDT']) await t.notThrowsAsync(untilShown(system, symbol));
    t.deepEqual(system.lost(), [], 'no process ended');
  });
}
