import { activeTraceId } from '../../platform/telemetry.ts';
import type { OutboxEntry } from '../../storage/outbox/outbox.ts';
import type { Break } from './reconcile.ts';
import { balancesStream } from './notices.ts';

/** Entries about one case of breaks are told in order. */
export const breakCaseAggregate = (caseId: string): string => `reconciliation-break:${caseId}`;

/** That the books do not agree, or that a case of that was closed. */
export const breaksEvent = (
  type: 'wallet.reconciliation.broken' | 'wallet.reconciliation.closed',
  eventId: string,
  caseId: string,
  breaks: readonly Break[],
  at: Date,
): OutboxEntry => ({
  aggregate: breakCaseAggregate(caseId),
  kind: 'event',
  stream: balancesStream,
  event: {
    id: eventId,
    type,
    version: 1,
    timestamp: at.toISOString(),
    trace_id: activeTraceId() ?? '',
    payload: { case_id: caseId, ...(breaks.length > 0 && { breaks }) },
    metadata: { source: 'reconciliation' },
  },
});
