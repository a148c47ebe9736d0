import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { request } from '../_support/http.ts';
import type { System } from '../_support/system.ts';

export interface Customer {
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

/** A verified customer with funds. */
export async function makeCustomer(system: System, email: string): Promise<Customer> {
  const password = 'correct horse battery staple';
  const body = { email, password, kyc: 'verified', balances: { BTC: '100', USDT: '10000000' } };
  const answer = await request('POST', `${system.internal}/api/v1/dev/users`, { body });
  return { email, password, token: String(answer.body['access_token']) };
}

export type Wish = Readonly<Record<'side' | 'price' | 'quantity', string>>;

/** Places a limit order, and answers its id. */
export async function place({ rest }: System, { token }: Customer, wish: Wish): Promise<string> {
  const body = { symbol: 'BTC/USDT', order_type: 'LIMIT', ...wish };
  return String((await request('POST', `${rest}/api/v1/orders`, { token, body })).body['order_id']);
}

/** Opens the market page, and collects what the browser complains of there. */
export async function openPage(browser: Browser, { rest }: System, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (sent) => {
    if (!sent.url().startsWith(rest)) complaints.push(`asked ${sent.url()}`);
  });
  await page.goto(`${rest}/#BTC-USDT`);
  await page.locator('#status[data-state=live]').waitFor();
  return { page, complaints, close: () => context.close() };
}

type Levels = readonly (readonly string[])[];

/** The book as the page shows it, best first, decimals written as the API writes them. */
export async function shownBook(page: Page): Promise<{ readonly bids: Levels; readonly asks: Levels }> {
  // One look at both sides: between two looks the book may change.
  const [asks = '', , bids = ''] = await page.locator('.book tbody').allInnerTexts();
  return { bids: levels(bids), asks: levels(asks).toReversed() };
}

const levels = (rows: string): Levels =>
  rows
    .split('\n')
    .filter((row) => row.trim() !== '')
    .map((row) => row.split('\t').slice(0, 2).map(plain));

const plain = (shown: string): string => shown.replaceAll(',', '').replace(/\.?0+$/, '');

/** Signs in by the form. */
export async function signIn(page: Page, { email, password }: Customer): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
