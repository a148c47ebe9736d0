import type { Lifecycle } from '../platform/lifecycle.ts';
import { runLeased } from '../services/leased.ts';
import { createCandleFolder } from '../services/market-data/candle-folder.ts';
import type { WorkerParts } from './parts.ts';

/** Folds new trades into candles, in one process at a time, away from the matchers' commits. */
export function startCandleFolder({ db, log, holder }: WorkerParts, lifecycle: Lifecycle): void {
  const folder = createCandleFolder({ db, log });
  const leased = runLeased({ db, log, lease: { name: 'candle-folder', holder } }, folder.foldUntil);
  lifecycle.onStop('candle folder', () => leased.stop());
}
