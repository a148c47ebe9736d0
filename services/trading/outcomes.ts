import type { Logger } from '../../platform/log.ts';
import { pause } from '../../platform/wait.ts';

/** Waits until the matcher has taken a command or an order in; undefined when it has not within `ms`. */
export type AwaitOutcome<T> = (id: string, ms: number) => Promise<T | undefined>;

interface Deps<T> {
  /** What came of these ids; one that was not taken in yet is left out. */
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  readonly log: Logger;
  /** Milliseconds on a clock that never steps. */
  readonly monotonicMs: () => number;
}

const pollMs = 10;

interface Waiting<T> {
  readonly id: string;
  readonly until: number;
  readonly resolve: (outcome: T | undefined) => void;
}

/** Asks for everybody who waits at once, and only while somebody does. */
export function createOutcomes<T>({ find, log, monotonicMs }: Deps<T>): AwaitOutcome<T> {
  const waiting = new Set<Waiting<T>>();
  let polling = false;

  function answer(one: Waiting<T>, outcome: T | undefined): void {
    waiting.delete(one);
    one.resolve(outcome);
  }

  async function poll(): Promise<void> {
    polling = true;
    while (waiting.size > 0) {
      await pause(pollMs);
      try {
        const found = await find([...new Set([...waiting].map(({ id }) => id))]);
        for (const one of waiting) if (found.has(one.id)) answer(one, found.get(one.id));
      } catch (err) {
        log.warn({ err, component: 'outcomes' }, 'Could not read what came of orders or commands');
      }
      const now = monotonicMs();
      for (const one of waiting) if (one.until <= now) answer(one, undefined);
    }
    polling = false;
  }

  return (id, ms) => {
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    waiting.add({ id, until: monotonicMs() + ms, resolve });
    if (!polling) void poll();
    return promise;
  };
}
