import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { isAlive, once as makeOnce, withLock } from '../../scripts/setup/once.mjs';
import { freePort } from '../../scripts/setup/ports.ts';
import { createLeash, untilReady } from '../../scripts/setup/processes.ts';
import { devSecrets } from '../../scripts/setup/secrets.ts';

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pandora-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function until(holds: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (holds()) return true;
    await sleep(50);
  }
  return false;
}

test('createLeash: its owner is killed, ends what was started', async (t) => {
  const starter = fileURLToPath(new URL('starter.ts', import.meta.url));
  const child = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(output.toString());
  t.true(isAlive(pid));
  child.kill('SIGKILL');
  t.true(await until(() => !isAlive(pid)));
});

test('createLeash: a process that ignores its signal, is killed in the end', async (t) => {
  const leash = createLeash();
  t.teardown(() => leash.close());
  const logFile = join(await folderFor(t), 'log');
  const running = leash.spawn({
    name: 'stubborn',
    command: 'sh',
    args: ['-c', 'trap "" TERM; echo here; while :; do sleep 1; done'],
    logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 200,
  });
  t.true(await until(() => isAlive(running.pid)));
  await sleep(200);
  await running.stop();
  t.is(await running.ended, 'SIGKILL');
  t.is(await readFile(logFile, 'utf8'), 'here\n');
});

test('createLeash: a program that does not exist, is named', async (t) => {
  const leash = createLeash();
  t.teardown(() => leash.close());
  const options = { name: 'Nothing', command: '/no/such', args: [], stopSignal: 'SIGTERM' } as const;
  const logFile = join(await folderFor(t), 'log');
  t.throws(() => leash.spawn({ ...options, logFile }), { message: /\/no\/such cannot be started/ });
});

test('untilReady: a process that ends at once, is told with its log', async (t) => {
  const leash = createLeash();
  t.teardown(() => leash.close());
  const logFile = join(await folderFor(t), 'log');
  const running = leash.spawn({ name: 'short', command: 'false', args: [], logFile, stopSignal: 'SIGTERM' });
  const probe = async () => {
    throw new Error('no answer');
  };
  await t.throwsAsync(untilReady('Short', running, logFile, probe, 10_000), {
    message: /Short ended.*exit code 1.*log/,
  });
});

test('freePort: the wanted one is taken, is another one', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
  t.not(await freePort(taken), taken);
});

test('once: two at the same time, make it one time', async (t) => {
  const path = join(await folderFor(t), 'made');
  let made = 0;
  const make = async () => {
    await sleep(50);
    made += 1;
  };
  await Promise.all([makeOnce(path, make), makeOnce(path, make)]);
  t.is(made, 1);
});

test('once: making fails, leaves nothing and is tried again', async (t) => {
  const path = join(await folderFor(t), 'made');
  const fail = () => Promise.reject(new Error('broken off'));
  await t.throwsAsync(makeOnce(path, fail), { message: 'broken off' });
  let made = false;
  await makeOnce(path, async () => {
    made = true;
  });
  t.true(made);
});

test('withLock: its holder died, is taken over', async (t) => {
  const path = join(await folderFor(t), 'thing');
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { withLock } from '${new URL('../../scripts/setup/once.mjs', import.meta.url).href}';
     await withLock('${path}', () => new Promise((r) => { console.log('held'); setTimeout(r, 60_000); }));`,
  ]);
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  t.is(await withLock(path, async () => 'mine'), 'mine');
});

test('devSecrets: asked twice, are the same and for the owner only', async (t) => {
  const file = join(await folderFor(t), 'dev.env');
  const first = devSecrets(file);
  t.deepEqual(devSecrets(file), first);
  t.notDeepEqual(devSecrets(join(await folderFor(t), 'dev.env')), first);
  t.is(Buffer.from(first.TEMPORAL_CODEC_KEY, 'base64').length, 32);
});
