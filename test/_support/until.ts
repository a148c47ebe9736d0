import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds; throws when it does not within `ms`. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not so within ${ms} ms: ${holds.toString()}`);
    await sleep(10);
  }
}
