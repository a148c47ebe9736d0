import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, or returns early when the signal aborts. Never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(Math.max(ms, 0), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

export interface Bell {
  /** Ends the wait that is on, or lets the next one return at once. */
  ring(): void;
  /** Waits for a ring, the time to pass, or the signal to abort. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** A wait that can be cut short: for loops that poll, and are also told. */
export function createBell(): Bell {
  let rung = Promise.withResolvers<undefined>();
  return {
    ring: () => rung.resolve(undefined),
    async wait(ms, signal) {
      const over = new AbortController();
      await Promise.race([rung.promise, pause(ms, AbortSignal.any([signal, over.signal]))]);
      over.abort();
      rung = Promise.withResolvers();
    },
  };
}
