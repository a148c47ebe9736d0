import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const interceptorsPath = join(root, 'temporal/interceptors/workflow.ts');

/** Folders and files whose content can be part of the bundle. */
const sources = ['workflows', 'domain', 'temporal/names', 'temporal/refusal.ts', 'temporal/interceptors/workflow.ts'];

/**
 * The bundle of all workflows: the prebuilt one when it fits the sources, else a fresh one (seconds), which is also
 * left in `build/` for the next process where that can be written.
 */
export async function loadWorkflowBundle(): Promise<{ readonly codePath: string } | { readonly code: string }> {
  const path = join(root, `build/workflow-bundle-${await hashSources()}.cjs`);
  if (existsSync(path)) return { codePath: path };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    workflowInterceptorModules: [interceptorsPath],
    logger: new DefaultLogger('WARN'),
  });
  return (await store(path, code).catch(() => false)) ? { codePath: path } : { code };
}

/** Renamed into place, so that a process starting meanwhile never reads half of it. */
async function store(path: string, code: string): Promise<true> {
  const temporary = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, code);
  await rename(temporary, path);
  return true;
}

async function hashSources(): Promise<string> {
  // A bundle works only with the SDK version that made it.
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  const hash = createHash('sha256').update(version);
  for (const source of sources) {
    for (const path of await filesOf(source)) hash.update(path).update(await readFile(join(root, path)));
  }
  return hash.digest('hex');
}

async function filesOf(source: string): Promise<readonly string[]> {
  if (source.endsWith('.ts')) return [source];
  const entries = await readdir(join(root, source), { recursive: true });
  return entries
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(source, name));
}
