import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { say, SetUpError } from './progress.ts';

/** Where a program is on PATH, or undefined. */
export function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Runs a program to its end and answers its output. Throws with the end of the output when it fails. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { user, ...rest } = options;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...rest, ...user });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', endWithUs);
      const output = Buffer.concat(chunks).toString();
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args[0] ?? ''} failed:\n${output.split('\n').slice(-15).join('\n')}`));
    });
  });
}

const runsAsRoot = (): boolean => process.getuid?.() === 0;

/** A system package may be installed by root without a terminal (a container, CI), or after a yes. */
async function mayInstall(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) return runsAsRoot();
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`${what} is missing. Install it with the system's package manager? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}

export interface SystemPackage {
  readonly what: string;
  readonly apt: readonly string[];
  readonly brew: readonly string[];
  /** A service that Debian starts on installation and that must not be left running. */
  readonly service?: string;
}

/** Installs a package with apt-get or brew where that is allowed. Answers whether it did. */
export async function installSystemPackage(wanted: SystemPackage): Promise<boolean> {
  const apt = onPath('apt-get');
  const brew = onPath('brew');
  if ((apt ?? brew) === undefined || !(await mayInstall(wanted.what))) return false;
  say(`${wanted.what}: installing with the system's package manager.`);
  if (apt === undefined) {
    await run('brew', ['install', ...wanted.brew]);
    return true;
  }
  await runAsRoot('apt-get', 'update', '-q');
  await runAsRoot('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-q', ...wanted.apt);
  if (wanted.service !== undefined) {
    // Fails where no service manager runs (containers): then nothing was started either.
    await runAsRoot('systemctl', 'disable', '--now', wanted.service).catch(() => undefined);
    await runAsRoot('service', wanted.service, 'stop').catch(() => undefined);
  }
  return true;
}

const runAsRoot = (command: string, ...args: string[]): Promise<string> =>
  runsAsRoot() ? run(command, args) : run('sudo', [command, ...args]);

/** Throws a sentence that says what could not be had and what to install. */
export function missing(what: string, advice: string): never {
  throw new SetUpError(`${what} is missing and could not be installed. ${advice}`);
}
