import anyTest, { type TestFn } from 'ava';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { run } from '../../scripts/setup/commands.ts';
import { devStaff } from '../../scripts/staff.ts';
import { createTemporalClient } from '../../temporal/client.ts';
import { loadConfig } from '../../platform/config/config.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { findOddEvents, readEvents } from '../_support/events.ts';
import { request } from '../_support/http.ts';
import { createOfficer } from '../_support/officers.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context {
  readonly system: System;
  readonly client: Client;
  readonly close: () => Promise<void>;
  /** A verified customer with these balances: what it is sent, and its wallets. */
  readonly customer: (balances: Readonly<Record<string, string>>) => Promise<Customer>;
}

interface Customer {
  readonly place: (side: 'BUY' | 'SELL') => Promise<string>;
  /** `available/reserved` */
  readonly shown: (asset: string) => Promise<string>;
}

const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  t.context = {
    system,
    ...createTemporalClient(loadConfig(system.env).temporal),
    async customer(balances) {
      const made = await request('POST', `${system.internal}/api/v1/dev/users`, {
        body: { kyc: 'verified', balances },
      });
      const call = (method: string, path: string, body?: unknown) =>
        request(method, `${system.rest}/api/v1${path}`, { token: String(made.body['access_token']), body });
      return {
        async place(side) {
          const order = { symbol: 'BTC/USDT', side, order_type: 'LIMIT', price: '50000', quantity: '0.1' };
          const placed = await call('POST', '/orders', order);
          return placed.status === 201 ? String(placed.body['order_id']) : t.fail(JSON.stringify(placed.body));
        },
        async shown(asset) {
          const { body } = await call('GET', '/wallets');
          const wallets = body['items'] as { asset: string; available: string; reserved: string }[];
          const found = wallets.find((each) => each.asset === asset);
          return found === undefined ? 'none' : `${found.available}/${found.reserved}`;
        },
      };
    },
  };
});
test.after.always(async ({ context }) => {
  await context.close();
  await context.system.stop();
});

/** A trade whose seller's reservation was spoilt before it came: `repair` puts it right. */
async function parkOne({ system, client, customer }: Context) {
  const [seller, buyer] = [await customer({ BTC: '1' }), await customer({ USDT: '10000' })];
  const sellOrder = await seller.place('SELL');
  const setRemaining = (amount: string) =>
    system.db.none('UPDATE ledger.reservations SET remaining = $2 WHERE reservation_id = $1', [sellOrder, amount]);
  await setRemaining('0.05');
  await buyer.place('BUY');
  const parked = async () =>
    system.db.oneOrNone<{ trade_id: string }>(
      'SELECT trade_id FROM ledger.parked_trades JOIN trading.trades USING (trade_id) WHERE seller_order_id = $1',
      [sellOrder],
    );
  await until(async () => (await parked()) !== null, 20_000);
  const { trade_id: tradeId } = (await parked())!;
  const handle = client.workflow.getHandle(`settlement-exception:${tradeId}`);
  await until(async () => (await viewOf(handle))?.state === 'REVIEW', 20_000);
  return { seller, buyer, handle, repair: () => setRemaining('0.1') };
}

const viewOf = (handle: WorkflowHandle) =>
  handle.query<{ state: string; reason: string; revision: string } | null>('describe').catch(() => null);

test.serial('parked trade: poisoned on purpose, parks alone and is settled by retry after the repair', async (t) => {
  const { system, customer } = t.context;
  const { seller, buyer, handle, repair } = await parkOne(t.context);
  t.is((await viewOf(handle))?.reason, 'reservation_not_overdrawn');
  // Others go on.
  const [otherSeller, otherBuyer] = [await customer({ BTC: '1' }), await customer({ USDT: '10000' })];
  await otherSeller.place('SELL');
  await otherBuyer.place('BUY');
  await until(async () => (await otherBuyer.shown('BTC')) === '0.0999/0', 10_000);

  t.like(await handle.executeUpdate('retry'), { settled: false });
  await repair();
  t.like(await handle.executeUpdate('retry'), { settled: true });
  await handle.result();
  t.is(await buyer.shown('BTC'), '0.0999/0');
  t.is(await seller.shown('BTC'), '0.9/0');
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
});

test.serial('parked trade: bust by two officers, both have their funds back and no candle counts it', async (t) => {
  const { system } = t.context;
  const { seller, buyer, handle, repair } = await parkOne(t.context);
  const trades = async () => {
    const { body } = await request('GET', `${system.rest}/api/v1/markets/BTC-USDT/candles?interval=1d`);
    return (body['items'] as { trades: number }[]).reduce((sum, candle) => sum + candle.trades, 0);
  };
  const before = await trades();
  await repair();
  const officers = devStaff.filter(({ role }) => role === 'compliance').map(({ email }) => createOfficer(email));
  for (const officer of officers) {
    const decision = { officer: officer.email, reason: 'The price was a slip of the pen.' };
    const sent = { ...decision, code: await officer.freshCode(), revision: (await viewOf(handle))?.revision };
    await handle.executeUpdate('bust', { args: [sent] });
  }
  await handle.result();
  t.is(await buyer.shown('USDT'), '10000/0');
  t.is(await seller.shown('BTC'), '1/0');
  t.is(await trades(), before - 1);
  // The door follows the trades itself: it is told that one counts no more.
  await until(async () => {
    const { body } = await request('GET', `${system.rest}/api/v1/markets/BTC-USDT/ticker`);
    return body['trades'] === before - 1;
  });
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
  const events = await readEvents(system.env['REDIS_URL']!);
  t.deepEqual(findOddEvents(events), []);
  const busts = events.filter(({ type }) => type.endsWith('trade.busted')).map(({ type }) => type);
  t.deepEqual(busts.toSorted(), ['trade.busted', 'trade.busted', 'wallet.trade.busted'], 'both parties are told');
});
