import type { NewId } from '../../platform/ids.ts';
import { activeTraceId } from '../../platform/telemetry.ts';
import type { OutboxEntry } from '../../storage/outbox/outbox.ts';

/** What happens to funds. */
export const balancesStream = 'wallet.events';

/** What an event about funds says, and what it belongs to: those of one aggregate are told in order. */
export interface WalletEvent {
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly source: string;
  readonly at: Date;
}

export const walletEvent = ({
  aggregate,
  id,
  type,
  payload,
  source,
  at,
}: WalletEvent): Extract<OutboxEntry, { readonly kind: 'event' }> => ({
  aggregate,
  kind: 'event',
  stream: balancesStream,
  event: {
    id,
    type,
    version: 1,
    timestamp: at.toISOString(),
    trace_id: activeTraceId() ?? '',
    payload,
    metadata: { source },
  },
});

export interface BalancesChange {
  /** What it belongs to: notices of one aggregate are told in order. */
  readonly aggregate: string;
  readonly userIds: readonly string[];
  readonly at: Date;
}

/**
 * Balances changed: whoever shows them to these users may look again. It carries no amounts. One event for all users of
 * one posting: at thousands of trades a second one for each would swamp the outbox.
 */
export const balancesChanged = (newId: NewId, { aggregate, userIds, at }: BalancesChange): OutboxEntry => ({
  ...walletEvent({
    aggregate,
    id: newId(),
    type: 'wallet.balances.changed',
    payload: { user_ids: [...new Set(userIds)] },
    source: 'ledger',
    at,
  }),
  hint: true,
});
