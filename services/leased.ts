import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import type { Database } from '../storage/db.ts';
import { acquireLease, type Lease, releaseLease } from '../storage/leases/leases.ts';

export interface LeasedDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly lease: Lease;
  /** How long the lease outlives its last renewal; another process takes over after that. */
  readonly ttlMs?: number;
  readonly renewMs?: number;
}

export interface Leased {
  /** Ends the work, waits for it, and gives the lease back. */
  stop(): Promise<void>;
}

/**
 * Runs `work` in one process at a time: while this process holds the lease. `work` must return soon after its signal
 * aborts, which happens at the latest when the lease runs out unrenewed; it is run again whenever the lease is held.
 *
 * A process that was frozen may still finish a step after its lease has passed on, so each step must be safe to repeat.
 */
export function runLeased(deps: LeasedDeps, work: (held: AbortSignal) => Promise<void>): Leased {
  const { db, log, lease, ttlMs = 6_000, renewMs = 2_000 } = deps;
  const stopping = new AbortController();

  /** Ends when the last question about the lease is answered: an answer must not come after it was given back. */
  let asking: Promise<unknown> = Promise.resolve();

  /** When the lease is known to run out, on this process' monotonic clock; undefined while another holds it. */
  function acquire(): Promise<number | undefined> {
    const asked = performance.now();
    const answer = acquireLease(db, lease, ttlMs).then((epoch) => (epoch === undefined ? undefined : asked + ttlMs));
    asking = answer.catch(() => undefined);
    return answer;
  }

  /** Resolves when the lease is another's, ran out while PostgreSQL did not answer, or is not needed any more. */
  async function renewUntilLost(until: number, over: AbortSignal): Promise<void> {
    let deadline: number | undefined = until;
    while (deadline !== undefined) {
      const left: number = deadline - performance.now();
      await pause(Math.min(renewMs, left), over);
      if (left <= 0 || over.aborted) return;
      const unchanged: number = deadline;
      const renewed = acquire().catch(() => unchanged);
      deadline = await Promise.race([renewed, pause(unchanged - performance.now(), over).then(() => unchanged)]);
    }
  }

  async function holdOnce(): Promise<void> {
    const until = await acquire();
    if (until === undefined) return;
    log.info({ component: lease.name }, 'Holds the lease');
    const over = new AbortController();
    const held = AbortSignal.any([stopping.signal, over.signal]);
    const working = work(held).finally(() => over.abort());
    await renewUntilLost(until, held);
    over.abort();
    await working;
    log.info({ component: lease.name }, 'No longer holds the lease');
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await holdOnce().catch((err: unknown) => log.warn({ err, component: lease.name }, 'Leased work was interrupted'));
      await pause(renewMs, stopping.signal);
    }
    await asking;
    await releaseLease(db, lease).catch(() => undefined);
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
