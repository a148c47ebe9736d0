import { existsSync } from 'node:fs';
import { installSystemPackage, onPath } from './commands.ts';
import { messageOf, say } from './progress.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const wanted = { what: 'Chromium', apt: ['chromium'], brew: ['--cask', 'chromium'] } as const;

/**
 * The browser that tests of the market page drive: $TEST_BROWSER, one on PATH, or the one that Playwright downloaded
 * before. With `mayInstall` it is installed where that is allowed. Undefined when there is none,
 * which only those tests mind.
 */
export async function findBrowser(mayInstall: boolean): Promise<string | undefined> {
  const found = process.env['TEST_BROWSER'] ?? browserOnPath() ?? (await downloaded());
  if (found !== undefined || !mayInstall) return found;
  try {
    return (await installSystemPackage(wanted)) ? browserOnPath() : undefined;
  } catch (error) {
    say(`Chromium: ${messageOf(error)}`);
    return undefined;
  }
}

const browserOnPath = (): string | undefined => names.map(onPath).find((path) => path !== undefined);

async function downloaded(): Promise<string | undefined> {
  const { chromium } = await import('playwright-core');
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}
