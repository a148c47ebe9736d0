import { onPath } from '../../scripts/setup/commands.ts';

/** A program with its arguments, as root: directly, or by sudo where it asks for no password. */
export function asRoot(program: string, args: readonly string[]): [command: string, args: string[]] {
  return process.getuid?.() === 0 ? [program, [...args]] : ['sudo', ['-n', program, ...args]];
}

/** The path of a program that the set-up installs where it may. Throws, saying what to install. */
export function needed(program: string): string {
  const found = onPath(program);
  if (found === undefined) throw new Error(`This test needs ${program}. Install it with the system's package manager.`);
  return found;
}
