/** Starts a process on a leash, says its id, and waits to be killed: for processes.test.ts. */
import { createLeash } from '../../scripts/setup/processes.ts';

const { pid } = createLeash().spawn({
  name: 'sleeper',
  command: 'sleep',
  args: ['60'],
  logFile: process.argv[2] ?? '/dev/null',
  stopSignal: 'SIGTERM',
});
console.log(pid);
setInterval(() => undefined, 1_000);
