import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import type { OutboxEntry } from '../../storage/outbox/outbox.ts';
import { walletEvent } from '../ledger/notices.ts';

/** Entries about one market's settlement are told in order. */
export const settlementAggregate = (symbol: string): string => `settlement:${symbol}`;

/** That a trade was set aside, or taken back, and why. */
export const tradeEvent = (
  type: 'wallet.trade.parked' | 'wallet.trade.busted',
  eventId: string,
  { tradeId, symbol, tradeSeq }: CommittedTrade,
  reason: string,
  at: Date,
): OutboxEntry =>
  walletEvent({
    aggregate: settlementAggregate(symbol),
    id: eventId,
    type,
    payload: { trade_id: tradeId, symbol, trade_seq: tradeSeq, reason },
    source: 'settlement',
    at,
  });
