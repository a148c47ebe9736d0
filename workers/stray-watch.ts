import type { Lifecycle } from '../platform/lifecycle.ts';
import { watchStrays } from '../services/operations/stray-watch.ts';
import type { WorkerParts } from './parts.ts';

/** Tells by a metric when rows lie in DEFAULT partitions. */
export function startStrayWatch({ db, log, metrics }: WorkerParts, lifecycle: Lifecycle): void {
  const watch = watchStrays({ db, log, metrics });
  lifecycle.onStop('stray watch', () => watch.stop());
}
