import {
  type BatchOutput,
  createLevelOutputs,
  createOrderOutputs,
  type LevelOutputs,
  type MergeOutput,
  type OrderOutputs,
  type PreventedOutput,
  type ReleaseOutput,
  type TradeOutput,
  type TradeSide,
  workingStatus,
} from './batch-output.ts';
import type { OrderAmend } from '../domain/trading/command.ts';
import type { EngineOrder, EventSink, OrderCommand } from './engine/types.ts';
import type { Units } from './units.ts';

/** What of an order is fixed at its placement, and nothing to the engine. */
export interface OrderFacts {
  /** Fees in basis points. */
  readonly makerBps: number;
  readonly takerBps: number;
  /** The list it is a leg of, whose reservation it draws on. */
  readonly orderListId?: string | undefined;
}

export interface Recorder {
  readonly sink: EventSink;
  /**
   * Ends an order that the engine has not been given, or the two of a list, with or without releasing what was
   * reserved.
   */
  reject(orders: readonly OrderCommand[], releases: boolean): void;
  /** Ends an amend: its funds join its order's, or they are released. The engine has told what it did to the order. */
  endAmend(amend: OrderAmend, isDone: boolean): void;
  /** How much the batch does so far: what a batch is closed by besides its commands. */
  readonly effects: number;
  readonly output: BatchOutput;
}

/**
 * Collects what one batch does to one market: each order and level as the batch leaves it, each trade,
 * prevented match and release. All of it counts in the market's steps as they are then.
 */
export function createRecorder(
  market: { readonly units: Units },
  factsOf: (orderId: string) => OrderFacts,
  onFinished: (orderId: string, userId: string) => void,
): Recorder {
  const collected: Collected = {
    orders: createOrderOutputs((orderId) => factsOf(orderId).orderListId),
    levels: createLevelOutputs(),
    trades: [],
    prevented: [],
    merges: [],
    releases: [],
  };
  const { orders, levels, trades, prevented, merges, releases } = collected;
  return {
    sink: createSink(collected, market, factsOf, onFinished),
    reject(rejected, withRelease) {
      for (const order of rejected) orders.reject(order);
      const [whole] = rejected.map(wholeRelease).sort((a, b) => b.amount - a.amount);
      if (withRelease && whole !== undefined && whole.amount > 0) releases.push(whole);
    },
    endAmend({ commandId, orderId, side, funds }, isDone) {
      if (funds === 0) return;
      if (isDone) merges.push({ commandId, orderId });
      else releases.push({ reservationId: commandId, isBuy: side === 'BUY', amount: funds, reason: 'AMEND_REFUSED' });
    },
    get effects() {
      return orders.touches + trades.length;
    },
    get output() {
      return { orders: orders.list(), trades, prevented, merges, releases, levels: levels.list() };
    },
  };
}

interface Collected {
  readonly orders: OrderOutputs;
  readonly levels: LevelOutputs;
  readonly trades: TradeOutput[];
  readonly prevented: PreventedOutput[];
  readonly merges: MergeOutput[];
  readonly releases: ReleaseOutput[];
}

/** Takes down what the engine tells. */
function createSink(
  { orders, levels, trades, prevented, releases }: Collected,
  market: { readonly units: Units },
  factsOf: (orderId: string) => OrderFacts,
  onFinished: (orderId: string, userId: string) => void,
): EventSink {
  function release(order: EngineOrder, amount: number, reason: string): void {
    if (amount === 0) return;
    const reservationId = factsOf(order.id).orderListId ?? order.id;
    releases.push({ reservationId, isBuy: order.isBuy, amount, reason });
  }

  function charge(
    order: EngineOrder,
    { orderListId }: OrderFacts,
    bps: number,
    priceTicks: number,
    lots: number,
  ): TradeSide {
    const fee = order.isBuy ? market.units.buyerFee(lots, bps) : market.units.sellerFee(priceTicks * lots, bps);
    const output = orders.touch(order);
    output.fee += fee;
    output.status = 'PARTIALLY_FILLED';
    return { orderId: order.id, userId: order.user.id, orderListId, fee };
  }

  return {
    rested(order) {
      orders.touch(order).status = workingStatus(order.executedLots);
    },
    waits: (order) => void orders.touch(order),
    amended(order, terms, amount) {
      const output = orders.touch(order);
      const keepsPlace = terms.keepsPlace && output.amended?.keepsPlace !== false;
      output.amended = { ...terms, keepsPlace };
      release(order, amount, 'AMEND');
    },
    triggered(order) {
      orders.touch(order).isTriggered = true;
    },
    traded(tradeSeq, maker, taker, priceTicks, lots, buyerRelease) {
      const [makerFacts, takerFacts] = [factsOf(maker.id), factsOf(taker.id)];
      const made = charge(maker, makerFacts, makerFacts.makerBps, priceTicks, lots);
      const took = charge(taker, takerFacts, takerFacts.takerBps, priceTicks, lots);
      const [buyer, seller] = maker.isBuy ? [made, took] : [took, made];
      trades.push({ tradeSeq, buyer, seller, priceTicks, lots, buyerRelease, isBuyerMaker: maker.isBuy });
    },
    prevented(maker, taker, priceTicks, lots, makerRelease, takerRelease) {
      prevented.push({ makerOrderId: maker.id, takerOrderId: taker.id, priceTicks, lots });
      orders.touch(maker);
      orders.touch(taker);
      release(maker, makerRelease, 'SELF_TRADE_PREVENTION');
      release(taker, takerRelease, 'SELF_TRADE_PREVENTION');
    },
    finished(order, status, reason, _leftLots, amount) {
      const output = orders.touch(order);
      output.status = status;
      output.reason = reason;
      onFinished(order.id, order.user.id);
      release(order, amount, `ORDER_${status}`);
    },
    levelChanged: (_bookSeq, isBuy, priceTicks, lots) => levels.change(isBuy, priceTicks, lots),
  };
}

/** All that an order reserved, or would have by itself. */
function wholeRelease({ orderId, orderListId, side, lots, reserveTicks, budget }: OrderCommand): ReleaseOutput {
  const isBuy = side === 'BUY';
  return {
    reservationId: orderListId ?? orderId,
    isBuy,
    amount: isBuy ? reserveTicks * lots + budget : lots,
    reason: 'ORDER_REJECTED',
  };
}
