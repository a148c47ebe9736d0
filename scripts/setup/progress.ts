/** Tells the person at the terminal what is being done, with the seconds since the start in front. */
export function say(what: string): void {
  const seconds = process.uptime().toFixed(1).padStart(5);
  process.stdout.write(`[${seconds} s] ${what}\n`);
}

/** An expected end: the message says what is missing and what to do. Printed without a stack. */
export class SetUpError extends Error {
  override readonly name = 'SetUpError';
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Ends the process with 1: an expected fault is one sentence, any other comes with its stack. */
export function reportFault(error: unknown): never {
  console.error(error instanceof SetUpError ? `\n${error.message}` : error);
  process.exit(1);
}
