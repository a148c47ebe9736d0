// Runs a command of this project on a fresh machine: node scripts/bootstrap.mjs <script.ts | tool> [args…]
// Plain Node 20 without packages. Puts a Node that runs TypeScript first on PATH, installs the packages when they are
// not those of package-lock.json, then runs the command and ends as it ends.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, once, withLock } from './setup/once.mjs';

const fetchedNode = '24.21.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`set-up: ${text}\n`);

/** From 22.18 on Node strips types by itself. */
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    // `npm --silent` around us would also silence the npm we start, with its faults.
    const env = { ...(options.env ?? process.env), npm_config_loglevel: 'notice' };
    const child = spawn(command, args, { stdio: ['ignore', 2, 2], ...options, env });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} failed.`))));
  });
}

/** The folder of a Node that runs TypeScript: this one's, or that of one fetched from npm into the user's cache. */
async function nodeFolder() {
  if (runsTypeScript(process.versions.node)) return dirname(process.execPath);
  const wait = () => say('waiting for another process that fetches Node.');
  const cached = join(cacheFolder, `node-v${fetchedNode}`);
  await once(
    cached,
    async (folder) => {
      say(`Node ${process.versions.node} is too old to run TypeScript: fetching Node ${fetchedNode} from npm, once.`);
      const wanted = { private: true, dependencies: { node: fetchedNode }, allowScripts: { node: true } };
      await writeFile(join(folder, 'package.json'), JSON.stringify(wanted));
      await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder });
      await run(join(folder, 'node_modules', '.bin', 'node'), ['--version'], {});
    },
    wait,
  );
  return join(cached, 'node_modules', '.bin');
}

/** True when node_modules holds every package of package-lock.json in its version, by npm's own record. */
function packagesAreInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = read(record);
  const wanted = Object.entries(read(join(root, 'package-lock.json')));
  return wanted.every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

async function installPackages(env) {
  if (packagesAreInstalled()) return;
  await withLock(join(root, '.data', 'npm-ci'), async () => {
    if (packagesAreInstalled()) return;
    say('installing the packages of package-lock.json (npm ci).');
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env });
  });
}

/** Runs the command with our terminal and signals. Its IPC channel closes when we die, so that it can stop as well. */
function hand(command, args, env) {
  const [file, rest] = command.endsWith('.ts') ? ['node', [command, ...args]] : [command, args];
  const child = spawn(file, rest, { env, cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    say(`cannot run ${command}: ${error.message}`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  say('say what to run: node scripts/bootstrap.mjs <script.ts | tool> [args…]');
  process.exit(2);
}
try {
  const node = await nodeFolder();
  const path = [node, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path };
  await installPackages(env);
  hand(command, args, env);
} catch (error) {
  say(error.message);
  process.exit(1);
}
