import { DomainError } from '../domain/errors.ts';
import { createClockCheck } from '../platform/clock-check.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/telemetry.ts';
import { pause } from '../platform/wait.ts';
import type { Db } from '../storage/db.ts';
import { databaseTime } from '../storage/health.ts';

/** More than this is worth telling somebody (milliseconds). */
export const worrying = 1_000;
/**
 * With more than this nothing is decided. As much as a matcher allows for between the clocks of those who make order
 * ids: it takes an id that is younger than it can be, and unknown, for a new one.
 */
export const mostError = 5_000;

export interface ClockWatch {
  /** Throws UNAVAILABLE when this machine's clock is too far from PostgreSQL's, or was never compared. */
  requireRightTime(): void;
  stop(): Promise<void>;
}

interface Deps {
  readonly db: Db;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
  readonly everyMs?: number;
  /** Told each time it is found too far. */
  readonly onWrong?: (errorMs: number) => void;
}

/**
 * Watches this machine's clock, which ids, expiries and deadlines go by. All of the exchange has to agree about the
 * time, and PostgreSQL's is the one that all can ask for.
 */
export function watchClock({ db, log, metrics, now, everyMs = 1_000, onWrong }: Deps): ClockWatch {
  const check = createClockCheck(now);
  const gauge = metrics.gauge('clock_error_seconds', 'How far this clock is ahead of PostgreSQL’s; negative: behind');
  const stopping = new AbortController();
  let worried = false;

  async function look(): Promise<void> {
    await check.look(() => databaseTime(db));
    const error = check.error();
    gauge.set(error / 1_000);
    const worries = Math.abs(error) > worrying;
    if (worries !== worried) {
      const fields = { component: 'clock', clock_error_ms: Math.round(error) };
      if (worries) log.error(fields, 'This machine’s clock differs from PostgreSQL’s');
      else log.info(fields, 'This machine’s clock is right again');
    }
    worried = worries;
    if (Math.abs(error) > mostError) onWrong?.(error);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Without PostgreSQL nothing is decided either; its own check says that it is away.
      await look().catch(() => undefined);
      await pause(everyMs, stopping.signal);
    }
  }

  const running = run();
  return {
    requireRightTime() {
      if (check.isKnown && Math.abs(check.error()) <= mostError) return;
      throw new DomainError('UNAVAILABLE', 'This server’s clock is wrong. Try again shortly.', { retryAfter: 1 });
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
