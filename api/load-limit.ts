import type { Operation } from '../contract/operation.ts';
import { DomainError } from '../domain/errors.ts';

/** How much one process works on. */
export interface LoadLimit {
  readonly isFull: boolean;
  enter(): void;
  leave(): void;
}

/** At most `most` requests at once: more would only wait, each longer than the one before. */
export function createLoadLimit(most: number): LoadLimit {
  let active = 0;
  return {
    get isFull() {
      return active >= most;
    },
    enter() {
      active += 1;
    },
    leave() {
      active -= 1;
    },
  };
}

/**
 * Does the work of a request that is here as a whole, or throws UNAVAILABLE when there is too much. Cancels take risk
 * away: they are served however much there is.
 */
export async function withinLoad<T>(load: LoadLimit, { method }: Operation, work: () => Promise<T>): Promise<T> {
  if (method === 'DELETE') return work();
  if (load.isFull) throw tooMuch();
  load.enter();
  try {
    return await work();
  } finally {
    load.leave();
  }
}

/** What a request is told that finds no place. */
export const tooMuch = (): DomainError =>
  new DomainError('UNAVAILABLE', 'Too much is asked of this server now. Try again shortly.', { retryAfter: 1 });
