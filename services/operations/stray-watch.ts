import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import { pause } from '../../platform/wait.ts';
import type { Database } from '../../storage/db.ts';
import { countStrays } from '../../storage/partitions/partitions.ts';

interface Deps {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly everyMs?: number;
}

/**
 * Keeps the metric `partition_default_rows` true: rows in each DEFAULT partition, 0 unless a partition was not made in
 * time. Of no schedule, so that it also tells when the schedule does not run; in every process that has metrics of it.
 */
export function watchStrays({ db, log, metrics, everyMs = 60_000 }: Deps): { readonly stop: () => Promise<void> } {
  const gauge = metrics.gauge('partition_default_rows', 'Rows in a DEFAULT partition: their own was not made in time', [
    'table',
  ]);
  const stopping = new AbortController();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        for (const [table, rows] of await countStrays(db)) gauge.set({ table }, rows);
      } catch (err) {
        log.warn({ err, component: 'stray watch' }, 'Could not count the rows in DEFAULT partitions');
      }
      await pause(everyMs, stopping.signal);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
