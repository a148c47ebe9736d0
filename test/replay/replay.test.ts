import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { loadWorkflowBundle } from '../../temporal/bundle.ts';
import '../_support/temporal.ts';
import { recordingConverter, recordings } from './recordings.ts';

const folder = new URL('histories/', import.meta.url);
const files = readdirSync(folder);
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

const replay = async (history: string): Promise<void> =>
  Worker.runReplayHistory(
    { workflowBundle: await loadWorkflowBundle(), dataConverter: recordingConverter },
    JSON.parse(history),
  );

for (const file of files) {
  test(`replay: ${file}, today's code makes the same decisions`, async (t) => {
    await t.notThrowsAsync(replay(read(file)));
  });
}

test('replay: settlement as begun before and after its change of version, both are among the recordings', (t) => {
  const isVersioned = (file: string): boolean => read(file).includes('"core_patch"');
  t.deepEqual(
    files.filter((file) => file.startsWith('settlement-') && !file.startsWith('settlement-exception')).map(isVersioned),
    [false, true],
  );
});

test('replay: every recording is kept, none is missing', (t) => {
  t.deepEqual(files.toSorted(), recordings.map(({ name }) => `${name}.json`).toSorted());
});

test('replay: code that calls another activity than the history, is found', async (t) => {
  const changed = read('registration-removed.json').replaceAll('sendRegistrationReminder', 'sendAnotherReminder');
  await t.throwsAsync(replay(changed), { instanceOf: DeterminismViolationError });
});
