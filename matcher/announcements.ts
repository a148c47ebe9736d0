import type { MarketBatch, OrderAmended, OrderEvent, TradeEvent } from '../domain/trading/feed.ts';
import type { EventEnvelope } from '../platform/streams/envelope.ts';
import { derivedId, derivedTradeId } from './derived-id.ts';
import type { JournalAmend, JournalEvents } from './journal.ts';

export interface CommittedBatch {
  readonly symbol: string;
  readonly batch: number;
  readonly time: Date;
  readonly events: JournalEvents;
}

export interface Announcements {
  readonly orders: readonly EventEnvelope[];
  readonly trades: readonly EventEnvelope[];
  readonly market: MarketBatch;
}

/**
 * The events of one committed batch. They follow from the journal row alone, ids included: published twice they are
 * the same events.
 */
export function announce({ symbol, batch, time, events }: CommittedBatch): Announcements {
  const at = time.toISOString();
  const ms = time.getTime();
  let index = 0;
  const envelope = (type: string, userId: string | undefined, payload: object): EventEnvelope => {
    const id = derivedId(ms, `event:${symbol}:${batch}:${index++}`);
    return {
      id,
      type,
      version: 1,
      timestamp: at,
      trace_id: id.replaceAll('-', ''),
      ...(userId === undefined ? {} : { user_id: userId }),
      payload: payload as EventEnvelope['payload'],
      metadata: { source: 'matcher' },
    };
  };
  const trades = events.t.map((trade) => tradeEvent(symbol, ms, at, trade));
  return {
    orders: events.o.map((order) => envelope(`order.${nameOf(order)}`, order[1], orderEvent(symbol, at, order))),
    trades: trades.map((trade) => envelope('trade.executed', undefined, trade)),
    market: {
      first_sequence: events.l[0] + 1,
      last_sequence: events.l[1],
      changes: events.l[2],
      trades: trades.map((trade) => ({
        trade_id: trade.trade_id,
        trade_seq: trade.trade_seq,
        price: trade.price,
        quantity: trade.quantity,
        quote_amount: trade.quote_amount,
        taker_side: trade.is_buyer_maker ? 'SELL' : 'BUY',
        executed_at: at,
      })),
    },
  };
}

/** An order that is open still and was amended says so; for one that ended, that is the news. */
function nameOf({ 3: status, 9: amended }: JournalEvents['o'][number]): string {
  const isOpen = status === 'OPEN' || status === 'PARTIALLY_FILLED';
  return Array.isArray(amended) && isOpen ? 'amended' : status.toLowerCase();
}

function orderEvent(symbol: string, at: string, order: JournalEvents['o'][number]): OrderEvent {
  const [orderId, , side, status, filled, executed, prevented, reason, triggered, amended, orderListId] = order;
  return {
    order_id: orderId,
    symbol,
    side,
    status,
    filled_quantity: filled,
    executed_quote: executed,
    prevented_quantity: prevented,
    ...(reason === null ? {} : { reason }),
    ...(triggered === true ? { triggered_at: at } : {}),
    ...(amended === undefined || amended === null ? {} : { amended: amendOf(amended) }),
    ...(orderListId === undefined ? {} : { order_list_id: orderListId }),
    updated_at: at,
  };
}

function amendOf([quantity, price, stopPrice, keptPlace]: JournalAmend): OrderAmended {
  return {
    ...(quantity === null ? {} : { quantity }),
    ...(price === null ? {} : { price }),
    ...(stopPrice === null ? {} : { stop_price: stopPrice }),
    kept_priority: keptPlace,
  };
}

function tradeEvent(symbol: string, ms: number, at: string, trade: JournalEvents['t'][number]): TradeEvent {
  const [seq, price, quantity, quote, isBuyerMaker, buyerOrder, buyer, buyerFee, sellerOrder, seller, sellerFee] =
    trade;
  return {
    trade_id: derivedTradeId(ms, symbol, seq),
    trade_seq: seq,
    symbol,
    price,
    quantity,
    quote_amount: quote,
    buyer_order_id: buyerOrder,
    seller_order_id: sellerOrder,
    buyer_user_id: buyer,
    seller_user_id: seller,
    buyer_fee: buyerFee,
    seller_fee: sellerFee,
    is_buyer_maker: isBuyerMaker,
    executed_at: at,
  };
}
