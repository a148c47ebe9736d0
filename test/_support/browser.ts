import { chromium, type Browser } from 'playwright-core';

const advice = [
  'The tests of the market page need a browser.',
  'Install Chromium or Chrome, or run `npx playwright-core install chromium`, or set TEST_BROWSER to one.',
].join(' ');

/** A headless browser of the test's own. Throws, saying what to install, where there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['TEST_BROWSER'];
  if (executablePath === undefined) throw new Error(advice);
  return chromium.launch({ executablePath });
}
