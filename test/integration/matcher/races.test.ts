import test from 'ava';
import { createRandom } from '../../../bench/_support/random.ts';
import { checkBooks } from './books.ts';
import { prepare } from './kit.ts';

const rounds = 1_000;
const atOnce = 20;

test('matcher: fill, cancel and end of day of one order at once, a thousand times, each ends once', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const random = createRandom(21);
  kit.start();
  const commands = new Map<string, string>();
  const makers: string[] = [];

  /** A maker that a taker, its owner's cancel and midnight reach in any order, or not at all. */
  async function race(round: number): Promise<void> {
    const ticks = 10_000 + round;
    const expires = random.below(3) === 0 ? { expiresAt: Date.now() + random.below(40) } : {};
    const [maker] = await kit.place([{ user: alice, side: 'SELL', ticks, lots: 10, ...expires }]);
    makers.push(maker!.orderId);
    const rivals = [
      () => kit.place([{ user: bob, side: 'BUY', ticks, lots: 1 + random.below(12), timeInForce: 'IOC' }]),
      async () => void commands.set(maker!.orderId, await kit.cancel(maker!.orderId, alice)),
    ];
    await Promise.all((random.below(2) === 0 ? rivals : rivals.toReversed()).map((rival) => rival()));
  }

  for (let round = 0; round < rounds; round += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => race(round + index)));
  }
  await kit.settled();
  const orders = new Map((await kit.orders(makers)).map((order) => [order.order_id, order]));
  const ends = { FILLED: 0, CANCELLED: 0, EXPIRED: 0 };
  for (const maker of makers) {
    const { status, filled_quantity: filled } = orders.get(maker)!;
    t.true(status in ends, `${maker} is ${status}`);
    ends[status as keyof typeof ends] += 1;
    t.is(status === 'FILLED', filled === '0.001');
    t.is(await kit.outcome(commands.get(maker)!), status === 'CANCELLED' ? 'CANCELLED' : 'ORDER_NOT_OPEN');
  }
  t.log(ends);
  for (const count of Object.values(ends)) t.true(count > rounds / 50, 'each of the three won now and then');
  await checkBooks(t, kit);
});
