import { createDevCustody } from '../gateways/custody/dev-gateway.ts';
import { systemClock } from '../platform/clock.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { createBookCheck, withdrawalHalts } from '../services/books.ts';
import { runLeased } from '../services/leased.ts';
import { createBreakRecorder } from '../services/ledger/break-records.ts';
import { createReconciler } from '../services/ledger/reconciler.ts';
import { createStatementReading } from '../services/ledger/statement.ts';
import type { WorkerParts } from './parts.ts';

/** Watches the books, in one process at a time. */
export function startReconciler(
  { config, db, books, log, metrics, exchange, holder }: WorkerParts,
  lifecycle: Lifecycle,
): void {
  const clock = systemClock;
  const parts = { db: books, clock, log };
  const readStatement = createStatementReading({ ...parts, custody: createDevCustody(config.custody.url) });
  const reconciler = createReconciler({
    ...parts,
    metrics,
    everyMs: config.reconciliation.interval,
    reconcile: createBookCheck({ ...parts, readStatement }),
    record: createBreakRecorder({ ...parts, newId: exchange.newId, halts: withdrawalHalts }),
  });
  const leased = runLeased({ db, log, lease: { name: 'reconciler', holder } }, reconciler.checkUntil);
  lifecycle.onStop('reconciler', () => leased.stop());
}
