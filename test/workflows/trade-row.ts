import type { OfficerActivities } from '../../activities/officers.ts';
import type { ExceptionActivities } from '../../activities/settlement.ts';
import { bustApprovals, type ParkedTradeView } from '../../domain/ledger/parked-trade.ts';

export const tradeRevision = 'abcdef012345';

/** A parked trade whose row is a variable. */
export function createTradeRow(
  tradeId: string,
  { prove = async () => undefined }: { prove?: () => Promise<void> } = {},
) {
  const row = {
    state: 'REVIEW' as ParkedTradeView['state'] | 'none',
    isRepaired: false,
    approvals: [] as string[],
  };
  const view = (state: ParkedTradeView['state']): ParkedTradeView => ({
    tradeId,
    symbol: 'BTC/USDT',
    tradeSeq: 7,
    state,
    reason: 'reservation_not_overdrawn',
    parkedAt: '2026-03-01T00:00:00.000Z',
    buyerUserId: 'user-1',
    sellerUserId: 'user-2',
    buyerOrderId: 'order-1',
    sellerOrderId: 'order-2',
    baseAmount: '1',
    quoteAmount: '50000',
    buyerFee: '0.001',
    sellerFee: '50',
    buyerRelease: '0',
    revision: tradeRevision,
    decisions: row.approvals.map((officerId) => ({
      officerId,
      outcome: 'approve',
      revision: tradeRevision,
      decidedAt: '2026-03-01T00:00:00.000Z',
    })),
  });
  const activities: ExceptionActivities & OfficerActivities = {
    describeParkedTrade: async () => (row.state === 'none' ? null : view(row.state)),
    retryTrade: async () => {
      if (!row.isRepaired) return { settled: false, message: 'It still cannot be settled.' };
      row.state = 'SETTLED';
      return { settled: true, message: 'Settled.' };
    },
    proveOfficer: async ({ officer }) => {
      await prove();
      row.approvals.push(officer);
      if (row.approvals.length >= bustApprovals) row.state = 'BUSTED';
      return { recorded: true, message: `Recorded: ${row.approvals.length} of ${bustApprovals} approvals.` };
    },
  };
  return { row, activities };
}
