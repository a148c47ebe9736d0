/**
 * Ends the processes of a starter that died: whatever happens to the starter, its end of our standard input closes.
 *
 * Each line is `hold <pid> <signal>` or `drop <pid>`. When the input ends, the processes still held get their signal,
 * the last one first, and SIGKILL after a few seconds. Runs as a process of its own, in its own session.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { killIfThere } from './kill.ts';
import { isAlive } from './once.mjs';

const patienceMs = 8_000;
const held = new Map<number, NodeJS.Signals>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  killIfThere(pid, signal);
  for (let waited = 0; isAlive(pid) && waited < patienceMs; waited += 50) await sleep(50);
  killIfThere(-pid, 'SIGKILL');
  killIfThere(pid, 'SIGKILL');
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, pid, signal] = line.split(' ');
  if (verb === 'hold') held.set(Number(pid), signal as NodeJS.Signals);
  else held.delete(Number(pid));
}
for (const [pid, signal] of [...held].toReversed()) await end(pid, signal);
