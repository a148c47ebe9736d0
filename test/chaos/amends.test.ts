import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { createRandom } from '../../bench/_support/random.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Client, createClient, type Reply } from '../_support/client.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';

interface Context {
  readonly system: System;
  /** One of each API process. */
  readonly doors: readonly Client[];
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  await system.start('api2');
  t.context = { system, doors: [system.rest, system.rest2].map((base) => createClient(`${base}/api/v1`)) };
});
test.after.always(async ({ context: { system, doors } }) => {
  for (const door of doors) door.close();
  await system.stop();
});

/** What each customer has reserved, and what his open orders reserve; by asset. */
const reservedBy = ({ db }: System, users: readonly string[]) =>
  db.any<{ asset: string; reserved: string; open: string }>(
    `SELECT accounts.asset, trim_scale(balance)::text AS reserved, trim_scale(coalesce(sum(
              (quantity - filled_quantity - prevented_quantity) * CASE side WHEN 'BUY' THEN reserve_price ELSE 1 END
            ), 0))::text AS open
       FROM ledger.accounts
       LEFT JOIN trading.orders ON user_id = owner_id AND status IN ('OPEN', 'PARTIALLY_FILLED')
             AND asset = split_part(symbol, '/', CASE side WHEN 'BUY' THEN 2 ELSE 1 END)
      WHERE owner_id = ANY ($1::uuid[]) AND kind = 'reserved'
      GROUP BY account_id`,
    [users],
  );

const expected = new Set(['ORDER_NOT_OPEN', 'ORDER_CHANGED', 'INVALID_QUANTITY', 'INSUFFICIENT_FUNDS']);

/** Amends of one order, of its maker through both doors, while others fill it: counted by what came of them. */
async function race(t: ExecutionContext<Context>, side: 'BUY' | 'SELL', seed: number): Promise<Map<string, number>> {
  const { system, doors } = t.context;
  const random = createRandom(seed);
  const funds = side === 'BUY' ? { USDT: '60000' } : { BTC: '1.2' };
  const [maker] = await createCustomers(system.internal, 1, funds);
  const takers = await createCustomers(system.internal, 3);
  const counts = new Map<string, number>();
  const call = (who: Customer, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Reply> =>
    doors[random.below(2)]!.send({ method, path, token: who.token, ...(body === undefined ? {} : { body }) });
  const price = () => (50_000 + random.around(40)).toFixed(2);
  const order = { symbol: 'BTC/USDT', side, order_type: 'LIMIT', price: '50000', quantity: '1' };
  const placed = await call(maker!, 'POST', '/orders?response=result', order);
  const path = `/orders/${String(placed.body['order_id'])}`;

  async function amend(): Promise<void> {
    const quantity = (0.5 + random.below(7_000) / 10_000).toFixed(4);
    const chance = random.below(3);
    const body = chance === 0 ? { quantity } : chance === 1 ? { price: price() } : { quantity, price: price() };
    const { status, body: answer } = await call(maker!, 'PATCH', path, body);
    const what = status < 300 ? String(status) : String(answer['code']);
    counts.set(what, (counts.get(what) ?? 0) + 1);
    t.true(status < 300 || expected.has(what), JSON.stringify(answer));
  }

  async function fill(): Promise<void> {
    const body = { ...order, side: side === 'BUY' ? 'SELL' : 'BUY', price: price(), quantity: '0.0100' };
    const taker = takers[random.below(3)]!;
    t.is((await call(taker, 'POST', '/orders', body)).status, 201);
  }

  async function repeat(times: number, act: () => Promise<void>): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await act();
      await sleep(random.below(20));
    }
  }

  // Two that amend come in each other's way now and then; takers never wait for anybody.
  await Promise.all([repeat(30, amend), repeat(30, amend), ...takers.map(() => repeat(20, fill))]);
  await untilQuiet(system.db);
  const users = [maker!, ...takers].map(({ userId }) => userId);
  for (const { reserved, open, asset } of await reservedBy(system, users)) t.is(reserved, open, asset);
  t.deepEqual(await findBreaks(system.db), []);
  for (const customer of [maker!, ...takers]) await call(customer, 'DELETE', '/orders');
  await untilQuiet(system.db);
  for (const { reserved, asset } of await reservedBy(system, users)) t.is(reserved, '0', `${asset} at the end`);
  return counts;
}

for (const side of ['BUY', 'SELL'] as const) {
  test.serial(
    `amends: of a ${side} that is being filled, its funds are exact and nothing is left reserved`,
    async (t) => {
      t.timeout(120_000);
      const counts = new Map<string, number>();
      for (let seed = 1; seed <= 3; seed += 1) {
        for (const [what, count] of await race(t, side, seed)) counts.set(what, (counts.get(what) ?? 0) + count);
      }
      t.log(JSON.stringify([...counts]));
      t.true((counts.get('200') ?? 0) > 40);
    },
  );
}
