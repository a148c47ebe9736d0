import type { Logger } from '../../platform/log.ts';
import { pause } from '../../platform/wait.ts';
import type { Database } from '../../storage/db.ts';
import { findOutcomes } from '../../storage/trading/commands.ts';

/** Waits until the matcher has taken a command in; undefined when it has not within `ms`. */
export type AwaitOutcome = (commandId: string, ms: number) => Promise<string | undefined>;

interface Deps {
  readonly db: Database;
  readonly log: Logger;
  /** Milliseconds on a clock that never steps. */
  readonly monotonicMs: () => number;
}

const pollMs = 10;

interface Waiting {
  readonly until: number;
  readonly resolve: (outcome: string | undefined) => void;
}

/** Asks PostgreSQL for everybody who waits at once, and only while somebody does. */
export function createOutcomes({ db, log, monotonicMs }: Deps): AwaitOutcome {
  const waiting = new Map<string, Waiting>();
  let polling = false;

  function answer(commandId: string, outcome: string | undefined): void {
    waiting.get(commandId)?.resolve(outcome);
    waiting.delete(commandId);
  }

  async function poll(): Promise<void> {
    polling = true;
    while (waiting.size > 0) {
      await pause(pollMs);
      try {
        for (const [commandId, outcome] of await findOutcomes(db, [...waiting.keys()])) answer(commandId, outcome);
      } catch (err) {
        log.warn({ err, component: 'command outcomes' }, 'Could not read what came of commands');
      }
      const now = monotonicMs();
      for (const [commandId, { until }] of waiting) if (until <= now) answer(commandId, undefined);
    }
    polling = false;
  }

  return (commandId, ms) => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    waiting.set(commandId, { until: monotonicMs() + ms, resolve });
    if (!polling) void poll();
    return promise;
  };
}
