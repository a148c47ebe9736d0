import type { Reply } from '../../contract/operation.ts';
import type { orderOperations } from '../../contract/orders.ts';
import { averagePrice, type Fill, type Order, type PreventedMatch } from '../../domain/trading/order.ts';
import type { Placement } from '../../domain/trading/placement.ts';
import type { CancelledAll } from '../../services/trading/cancelling.ts';
import { nextCursor } from './page.ts';

export const presentOrder = (order: Order): Reply<typeof orderOperations.order> => ({
  order_id: order.orderId,
  user_id: order.userId,
  client_order_id: order.clientOrderId ?? null,
  order_list_id: order.orderListId ?? null,
  symbol: order.symbol,
  side: order.side,
  order_type: order.orderType,
  time_in_force: order.timeInForce,
  quantity: order.quantity ?? null,
  quote_quantity: order.quoteQuantity ?? null,
  price: order.price ?? null,
  stop_price: order.stopPrice ?? null,
  post_only: order.postOnly,
  self_trade_prevention: order.selfTradePrevention,
  status: order.status,
  filled_quantity: order.filledQuantity,
  executed_quote: order.executedQuote,
  prevented_quantity: order.preventedQuantity,
  average_price: averagePrice(order) ?? null,
  fees: order.fees,
  reject_reason: order.reason ?? null,
  expires_at: order.expiresAt?.toISOString() ?? null,
  triggered_at: order.triggeredAt?.toISOString() ?? null,
  created_at: order.createdAt.toISOString(),
  updated_at: order.updatedAt.toISOString(),
  filled_at: order.filledAt?.toISOString() ?? null,
  cancelled_at: order.cancelledAt?.toISOString() ?? null,
});

export const presentOrders = (orders: readonly Order[], limit: number): Reply<typeof orderOperations.orders> => ({
  items: orders.map(presentOrder),
  next_cursor: nextCursor(orders, limit, ({ orderId }) => orderId),
});

export const presentPlacement = (placement: Placement): Reply<typeof orderOperations.testOrder> => ({
  time_in_force: placement.timeInForce,
  self_trade_prevention: placement.selfTradePrevention,
  reserve_asset: placement.reserveAsset,
  reserve_amount: placement.reserveAmount,
  protection_price: placement.protectionPrice ?? null,
  maker_fee_bps: placement.makerBps,
  taker_fee_bps: placement.takerBps,
});

export const presentCancelAll = (commands: readonly CancelledAll[]): Reply<typeof orderOperations.cancelAllOrders> => ({
  items: commands.map(({ commandId, symbol, isDone }) => ({ command_id: commandId, symbol, done: isDone })),
  next_cursor: null,
});

export const presentFills = (fills: readonly Fill[], limit: number): Reply<typeof orderOperations.fills> => ({
  items: fills.map((fill) => ({
    trade_id: fill.tradeId,
    order_id: fill.orderId,
    symbol: fill.symbol,
    side: fill.side,
    price: fill.price,
    quantity: fill.quantity,
    fee: fill.fee,
    fee_asset: fill.feeAsset,
    is_maker: fill.isMaker,
    trade_seq: fill.tradeSeq,
    executed_at: fill.executedAt.toISOString(),
  })),
  next_cursor: nextCursor(fills, limit, ({ tradeId }) => tradeId),
});

export const presentPreventedMatches = (
  matches: readonly PreventedMatch[],
  limit: number,
): Reply<typeof orderOperations.preventedMatches> => ({
  items: matches.map((match) => ({
    prevented_match_id: match.preventedMatchId,
    symbol: match.symbol,
    maker_order_id: match.makerOrderId,
    taker_order_id: match.takerOrderId,
    price: match.price,
    quantity: match.quantity,
    self_trade_prevention: match.selfTradePrevention,
    prevented_at: match.preventedAt.toISOString(),
  })),
  next_cursor: nextCursor(matches, limit, ({ preventedMatchId }) => preventedMatchId),
});
