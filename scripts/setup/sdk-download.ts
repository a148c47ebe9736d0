import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, once } from './once.mjs';
import { messageOf, say } from './progress.ts';

export type SdkProgram = 'temporal' | 'temporal-test-server';

const probeMs = 5_000;
const downloadMs = 300_000;

/**
 * The program as Temporal's SDK downloads it, kept in the user's cache. Answers undefined when it is not cached and
 * cannot be downloaded, after seconds where the site cannot be reached: the SDK itself would try for minutes.
 */
export async function sdkDownload(program: SdkProgram): Promise<string | undefined> {
  const folder = join(cacheFolder, `sdk-${program}`);
  const file = join(folder, program);
  if (existsSync(file)) return file;
  if (!(await siteAnswers(program))) return undefined;
  try {
    await once(folder, (temporary) => withinLimit(download(program, temporary)));
    return file;
  } catch (error) {
    say(`${program}: the download failed (${messageOf(error)}); trying another way.`);
    return undefined;
  }
}

/** An answer of any kind says that the site the SDK downloads from can be reached. */
async function siteAnswers(program: SdkProgram): Promise<boolean> {
  const artifact = program === 'temporal' ? 'cli' : program;
  const url = `https://temporal.download/${artifact}/default`;
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(probeMs) });
    return response.status < 500;
  } catch {
    return false;
  }
}

/** The SDK downloads when an environment is created, and names the file after itself. */
async function download(program: SdkProgram, downloadDir: string): Promise<void> {
  say(`${program}: downloading, once.`);
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const server = { executable: { type: 'cached-download', downloadDir } } as const;
  const create = program === 'temporal' ? 'createLocal' : 'createTimeSkipping';
  const environment = await TestWorkflowEnvironment[create]({ server });
  await environment.teardown();
  const [downloaded = ''] = await readdir(downloadDir);
  await rename(join(downloadDir, downloaded), join(downloadDir, program));
}

function withinLimit<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`not done after ${downloadMs / 1000} s`)), downloadMs).unref();
    }),
  ]);
}
