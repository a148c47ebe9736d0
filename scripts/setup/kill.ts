/** Sends a signal to a process, or with a negative id to its group; nothing when there is none any more. */
export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
