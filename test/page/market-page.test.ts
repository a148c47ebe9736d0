import axe from 'axe-core';
import test from 'ava';
import type { Browser } from 'playwright-core';
import { decodeTotpSecret, totpCode } from '../../services/identity/one-time-codes.ts';
import { openBrowser } from '../_support/browser.ts';
import { request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { makeCustomer, openPage, place, shownBook, signIn } from './kit.ts';

let system: System;
let browser: Browser;

const closing: (() => Promise<void>)[] = [];

test.before(async () => {
  browser = await openBrowser();
  closing.push(() => browser.close());
  system = await startSystem();
  closing.push(() => system.stop());
});
test.after.always(async () => {
  for (const close of closing) await close();
});

interface Depth {
  readonly bids: readonly (readonly string[])[];
  readonly asks: readonly (readonly string[])[];
}

const depth = async (): Promise<Depth> => {
  const { body } = await request<Depth>('GET', `${system.rest}/api/v1/markets/BTC-USDT/depth?limit=15`);
  return { bids: body.bids, asks: body.asks };
};

const settled = async (): Promise<boolean> => {
  const query = `SELECT count(*) FROM trading.orders WHERE status = 'PENDING'`;
  return (await system.db.one<{ count: string }>(query)).count === '0';
};

test.serial('market page: an order placed over REST, is in the book within a second', async (t) => {
  const maker = await makeCustomer(system, 'maker@example.com');
  await place(system, maker, { side: 'SELL', price: '50100', quantity: '0.5' });
  const { page, complaints, close } = await openPage(browser, system);
  await until(async () => (await shownBook(page)).asks.length === 1);
  t.deepEqual(await shownBook(page), { bids: [], asks: [['50100', '0.5']] });
  const placedAt = performance.now();
  await place(system, maker, { side: 'BUY', price: '49999.99', quantity: '0.25' });
  await until(async () => (await shownBook(page)).bids.length === 1, 1_000);
  t.true(performance.now() - placedAt < 1_000);
  t.deepEqual(await shownBook(page), { bids: [['49999.99', '0.25']], asks: [['50100', '0.5']] });
  t.deepEqual(complaints, []);
  await close();
});

test.serial(
  'market page: 200 random orders and a lost message, shows the book, trades and price of REST',
  async (t) => {
    const traders = [await makeCustomer(system, 'alice@example.com'), await makeCustomer(system, 'bob@example.com')];
    const { page, complaints, close } = await openPage(browser, system);
    // From the next load on a message of the depth channel gets lost on the way.
    let lost = 0;
    await page.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      let updates = 0;
      server.onMessage((message) => {
        const { channel, type } = JSON.parse(String(message)) as { channel?: string; type?: string };
        if (channel === 'depth:BTC-USDT' && type === 'update' && (updates += 1) === 10) lost += 1;
        else socket.send(message);
      });
    });
    await page.reload();
    let seed = 42;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let count = 0; count < 200; count += 1) {
      const side = random(2) === 0 ? 'BUY' : 'SELL';
      const price = String(50_000 + (side === 'BUY' ? -1 : 1) * (random(20) - 4));
      await place(system, traders[random(2)]!, { side, price, quantity: `0.0${1 + random(9)}` });
    }
    await until(settled, 30_000);
    const wanted = await depth();
    t.true(wanted.bids.length > 3 && wanted.asks.length > 3);
    await until(async () => JSON.stringify(await shownBook(page)) === JSON.stringify(wanted)).catch(() => undefined);
    t.deepEqual(await shownBook(page), wanted);
    t.is(lost, 1);
    const { body } = await request<{ items: { price: string }[] }>(
      'GET',
      `${system.rest}/api/v1/markets/BTC-USDT/trades?limit=30`,
    );
    t.is(await page.locator('#trades tr').count(), Math.min(30, body.items.length));
    const price = Number(body.items[0]?.price).toLocaleString('en', { minimumFractionDigits: 2 });
    await until(async () => (await page.locator('#ticker-last').textContent()) === price);
    t.true((await page.title()).startsWith(`${price} BTC/USDT`));
    t.deepEqual(complaints, []);
    await close();
  },
);

test.serial(
  'market page: signing in with an authenticator, then an order from the ticket, rests and is cancelled',
  async (t) => {
    const customer = await makeCustomer(system, 'carol@example.com');
    const { token } = customer;
    const { body } = await request('POST', `${system.rest}/api/v1/users/me/totp`, { token, body: {} });
    const secret = decodeTotpSecret(String(body['secret']));
    const code = (ms: number): string => totpCode(secret, new Date(Date.now() + ms));
    await request('POST', `${system.rest}/api/v1/users/me/totp/confirm`, { token, body: { totp: code(-30_000) } });
    const { page, complaints, close } = await openPage(browser, system);
    await page.getByRole('combobox', { name: 'Market' }).selectOption('ETH-USDT');
    await signIn(page, customer);
    await page.getByLabel('Code of your authenticator').fill(code(0));
    await page.getByRole('button', { name: 'Sign in' }).click();
    const ticket = page.locator('#ticket');
    await ticket.getByText('10,000,000 USDT').waitFor();
    await ticket.getByLabel('Price in USDT').fill('2000.001');
    await ticket.getByLabel('Quantity in ETH').fill('1.5');
    await ticket.getByRole('button', { name: 'Buy ETH' }).click();
    await until(async () => (await page.locator('#ticket-said').textContent())?.includes('multiple of 0.01') === true);
    await ticket.getByLabel('Price in USDT').fill('2000.1');
    t.is(await page.locator('#worth').textContent(), '3,000.15 USDT');
    await ticket.getByRole('button', { name: 'Buy ETH' }).click();
    const row = page.locator('#own-orders tr');
    await row.getByText('open').waitFor();
    t.deepEqual((await row.locator('td').allTextContents()).slice(0, 5), [
      'ETH/USDT',
      '▲ Buy limit',
      '2,000.10',
      '1.500',
      '0.000',
    ]);
    await until(async () => (await shownBook(page)).bids.length === 1);
    await ticket.getByText('9,996,999.85 USDT').waitFor();
    await row.getByRole('button', { name: 'Cancel buy ETH/USDT at 2000.1' }).click();
    await page.getByText('None.').waitFor();
    await until(async () => (await shownBook(page)).bids.length === 0);
    await ticket.getByText('10,000,000 USDT').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Sign in to trade').waitFor();
    await page.locator('#status[data-state=live]').waitFor();
    // The browser itself notes answers that are refusals: the missing code and the wrong price.
    t.deepEqual(
      complaints.filter((text) => !text.startsWith('Failed to load resource')),
      [],
    );
    await close();
  },
);

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1280, 900],
    [390, 844],
  ] as const) {
    test.serial(
      `market page: ${colorScheme}, ${width} wide and signed in, is accessible and not cut off`,
      async (t) => {
        const customer = await makeCustomer(system, `dave-${colorScheme}-${width}@example.com`);
        await place(system, customer, { side: 'BUY', price: '49000', quantity: '0.01' });
        const { page, close } = await openPage(browser, system, { colorScheme, viewport: { width, height } });
        await signIn(page, customer);
        await page.locator('#own-orders tr').waitFor();
        await page.evaluate(axe.source);
        const found = await page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        });
        t.deepEqual(found, []);
        t.is(await page.evaluate('document.documentElement.scrollWidth'), width);
        const folder = process.env['PAGE_SCREENSHOTS'];
        if (folder !== undefined) {
          await page.screenshot({ path: `${folder}/${colorScheme}-${width}.png`, fullPage: true });
        }
        await close();
      },
    );
  }
}
