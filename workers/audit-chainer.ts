import type { Lifecycle } from '../platform/lifecycle.ts';
import { createAuditService } from '../services/audit.ts';
import { runLeased } from '../services/leased.ts';
import type { WorkerParts } from './parts.ts';

/** Links the audit log's new lines, in one process at a time, so that those who write them never queue. */
export function startAuditChainer({ db, log, holder }: WorkerParts, lifecycle: Lifecycle): void {
  const audit = createAuditService({ db });
  const chainer = runLeased({ db, log, lease: { name: 'audit-chainer', holder } }, audit.chainUntil);
  lifecycle.onStop('audit chainer', () => chainer.stop());
}
