import type { NewId } from '../../platform/ids.ts';
import { activeTraceId } from '../../platform/telemetry.ts';
import type { OutboxEntry } from '../../storage/outbox/outbox.ts';

/** Balances changed: whoever shows them to these users may look again. It carries no amounts. */
export const balancesStream = 'wallet.events';

export interface BalancesChange {
  /** What it belongs to: notices of one aggregate are told in order. */
  readonly aggregate: string;
  readonly userIds: readonly string[];
  readonly at: Date;
}

/** One event for all users of one posting: at thousands of trades a second one for each would swamp the outbox. */
export const balancesChanged = (newId: NewId, { aggregate, userIds, at }: BalancesChange): OutboxEntry => ({
  aggregate,
  kind: 'event',
  stream: balancesStream,
  hint: true,
  event: {
    id: newId(),
    type: 'wallet.balances.changed',
    version: 1,
    timestamp: at.toISOString(),
    trace_id: activeTraceId() ?? '',
    payload: { user_ids: [...new Set(userIds)] },
    metadata: { source: 'ledger' },
  },
});
