import type { AmendedTerms, EngineOrder, FinalStatus, OrderCommand, Reason } from './engine/types.ts';

export type OrderStatus = 'OPEN' | 'PARTIALLY_FILLED' | FinalStatus;

/** Where one order stands after a batch. */
export interface OrderOutput {
  readonly orderId: string;
  readonly userId: string;
  readonly isBuy: boolean;
  /** The list it is a leg of. */
  readonly orderListId: string | undefined;
  status: OrderStatus;
  reason: Reason | undefined;
  executedLots: number;
  /** Ticks × lots. */
  executedQuote: number;
  preventedLots: number;
  prioritySeq: number;
  /** Where it came to wait as a stop in this batch; 0 when it did not. */
  stopSeq: number;
  /** Whether it is a stop that this batch triggered. */
  isTriggered: boolean;
  /** What amends of this batch have made of it; whether it kept its place through all of them. */
  amended: AmendedTerms | undefined;
  /** What this batch charged, in atoms of the asset received. */
  fee: bigint;
}

/** One trade, with all that settling it needs. */
export interface TradeOutput {
  readonly tradeSeq: number;
  readonly buyer: TradeSide;
  readonly seller: TradeSide;
  readonly priceTicks: number;
  readonly lots: number;
  /** Ticks × lots the buyer had reserved too much. */
  readonly buyerRelease: number;
  readonly isBuyerMaker: boolean;
}

export interface TradeSide {
  readonly orderId: string;
  readonly userId: string;
  /** The list it is a leg of. */
  readonly orderListId: string | undefined;
  readonly fee: bigint;
}

/** Two orders of one user that would have traded. */
export interface PreventedOutput {
  readonly makerOrderId: string;
  readonly takerOrderId: string;
  readonly priceTicks: number;
  readonly lots: number;
}

/** What a reservation gives back in this commit: ticks × lots for a buy, lots for a sell. */
export interface ReleaseOutput {
  /** Of an order, of an order list, or of an amend that was refused. */
  readonly reservationId: string;
  readonly isBuy: boolean;
  readonly amount: number;
  readonly reason: string;
}

export interface MergeOutput {
  readonly commandId: string;
  readonly orderId: string;
}

/** A price level's quantity after the batch; 0 when it is gone. */
export interface LevelOutput {
  readonly isBuy: boolean;
  readonly priceTicks: number;
  lots: number;
}

export interface BatchOutput {
  readonly orders: readonly OrderOutput[];
  readonly trades: readonly TradeOutput[];
  readonly prevented: readonly PreventedOutput[];
  /** Amends whose funds join their orders' reservations. */
  readonly merges: readonly MergeOutput[];
  readonly releases: readonly ReleaseOutput[];
  readonly levels: readonly LevelOutput[];
}

export interface OrderOutputs {
  /** The order's output, its amounts brought up to date. */
  touch(order: EngineOrder): OrderOutput;
  /** Ends an order that the engine has not been given. */
  reject(order: OrderCommand): void;
  /** How many times orders were touched. */
  readonly touches: number;
  list(): readonly OrderOutput[];
}

/** Each order once, however many times the batch changes it. `listOf`: the list that an order is a leg of. */
export function createOrderOutputs(listOf: (orderId: string) => string | undefined): OrderOutputs {
  const outputs = new Map<string, OrderOutput>();
  let touches = 0;
  return {
    touch(order) {
      touches += 1;
      const known = outputs.get(order.id);
      if (known === undefined) {
        const made = newOutput(order, listOf(order.id));
        outputs.set(order.id, made);
        return made;
      }
      known.executedLots = order.executedLots;
      known.executedQuote = order.executedQuote;
      known.preventedLots = order.preventedLots;
      known.prioritySeq = order.prioritySeq;
      if (order.stopSeq > 0) known.stopSeq = order.stopSeq;
      return known;
    },
    reject({ orderId, userId, side, orderListId }) {
      outputs.set(orderId, {
        ...nothingYet,
        orderId,
        userId,
        isBuy: side === 'BUY',
        orderListId,
        status: 'REJECTED',
        reason: 'FAULTED',
      });
    },
    get touches() {
      return touches;
    },
    list: () => [...outputs.values()],
  };
}

const nothingYet = {
  executedLots: 0,
  executedQuote: 0,
  preventedLots: 0,
  prioritySeq: 0,
  stopSeq: 0,
  isTriggered: false,
  amended: undefined,
  fee: 0n,
} as const;

const newOutput = (order: EngineOrder, orderListId: string | undefined): OrderOutput => ({
  orderId: order.id,
  userId: order.user.id,
  isBuy: order.isBuy,
  orderListId,
  status: workingStatus(order.executedLots),
  reason: undefined,
  executedLots: order.executedLots,
  executedQuote: order.executedQuote,
  preventedLots: order.preventedLots,
  prioritySeq: order.prioritySeq,
  stopSeq: order.stopSeq,
  isTriggered: false,
  amended: undefined,
  fee: 0n,
});

/** The status of an order that is not final. */
export const workingStatus = (executedLots: number): OrderStatus => (executedLots === 0 ? 'OPEN' : 'PARTIALLY_FILLED');

export interface LevelOutputs {
  change(isBuy: boolean, priceTicks: number, lots: number): void;
  list(): readonly LevelOutput[];
}

/** Each price level once, with the last quantity it had. */
export function createLevelOutputs(): LevelOutputs {
  const outputs = new Map<number, LevelOutput>();
  return {
    change(isBuy, priceTicks, lots) {
      // Prices are positive, so the sign can say the side.
      const key = isBuy ? priceTicks : -priceTicks;
      const known = outputs.get(key);
      if (known === undefined) outputs.set(key, { isBuy, priceTicks, lots });
      else known.lots = lots;
    },
    list: () => [...outputs.values()],
  };
}
