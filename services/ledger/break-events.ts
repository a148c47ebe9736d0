import type { OutboxEntry } from '../../storage/outbox/outbox.ts';
import type { Break } from './reconcile.ts';
import { walletEvent } from './notices.ts';

/** Entries about one case of breaks are told in order. */
export const breakCaseAggregate = (caseId: string): string => `reconciliation-break:${caseId}`;

/** That the books do not agree, or that a case of that was closed. */
export const breaksEvent = (
  type: 'wallet.reconciliation.broken' | 'wallet.reconciliation.closed',
  eventId: string,
  caseId: string,
  breaks: readonly Break[],
  at: Date,
): OutboxEntry =>
  walletEvent({
    aggregate: breakCaseAggregate(caseId),
    id: eventId,
    type,
    payload: { case_id: caseId, ...(breaks.length > 0 && { breaks }) },
    source: 'reconciliation',
    at,
  });
