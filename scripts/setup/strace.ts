import { installSystemPackage, onPath } from './commands.ts';
import { messageOf, say } from './progress.ts';

/**
 * Sees to the tracer by which tests make PostgreSQL's writes fail, on Linux and where it may be installed. Those tests
 * alone mind when there is none.
 */
export async function provideStrace(): Promise<void> {
  if (onPath('strace') !== undefined || process.platform !== 'linux') return;
  try {
    await installSystemPackage({ what: 'strace', apt: ['strace'], brew: [] });
  } catch (error) {
    say(`strace: ${messageOf(error)}`);
  }
}
