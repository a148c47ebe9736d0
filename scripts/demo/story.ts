import { setTimeout as sleep } from 'node:timers/promises';

const started = performance.now();

/** Prints one step of the story with its time, and how it came out. */
export async function step<T>(sentence: string, work: () => Promise<T>, outcome?: (result: T) => string): Promise<T> {
  const result = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`[${seconds} s] ${sentence}${outcome === undefined ? '' : `: ${outcome(result)}`}`);
  return result;
}

/**
 * Asks until there is an answer, less and less often: a customer's requests are limited. Throws a sentence naming
 * what was waited for.
 */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.5, 1_500)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`);
    await sleep(pauseMs);
  }
}
