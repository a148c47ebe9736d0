/**
 * Records the histories that test/replay replays: node scripts/record-histories.ts [name…]. Existing ones are kept:
 * they stand for workflows that run in production. A change that cannot replay them needs a patch, not a new recording.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { recordingConverter, recordings } from '../test/replay/recordings.ts';
import { findTestServer } from './setup/test-server.ts';

const folder = new URL('../test/replay/histories/', import.meta.url);
const names = process.argv.slice(2);

process.env['TEMPORAL_TEST_SERVER'] ??= await findTestServer();
const { openWorkflowLab } = await import('../test/_support/workflow-lab.ts');
await mkdir(folder, { recursive: true });

/** What never ends by itself is cancelled by its recording. */
function ignoreCancelled(error: unknown): void {
  if (!(error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure)) throw error;
}

for (const { name, workflow, input, begin } of recordings) {
  const file = new URL(`${name}.json`, folder);
  if (names.length === 0 ? existsSync(file) : !names.includes(name)) continue;
  const lab = await openWorkflowLab(recordingConverter);
  const { activities, play } = await begin(lab.env);
  // Officers are proven on the queue of that name, wherever the workflow runs.
  const { taskQueue, stop } = await lab.serve(activities, 'compliance');
  const handle = await lab.env.client.workflow.start(workflow, { workflowId: name, taskQueue, args: [input] });
  await play(handle);
  await handle.result().catch(ignoreCancelled);
  await writeFile(file, `${historyToJSON(await handle.fetchHistory())}\n`);
  await stop();
  await lab.close();
  console.log(`Recorded ${name}.`);
}
