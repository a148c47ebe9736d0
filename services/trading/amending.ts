import { DomainError, type ErrorCode, invariant } from '../../domain/errors.ts';
import { type AmendRequest, judgeAmend } from '../../domain/trading/amendment.ts';
import { isFinal, type Order } from '../../domain/trading/order.ts';
import { createBatcher } from '../../platform/batcher.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { findAmendable, type NewAmend, putAmends } from '../../storage/trading/amends.ts';
import { findOrder } from '../../storage/trading/orders.ts';
import type { Gate } from './gate.ts';
import type { MarketBook } from './markets.ts';
import type { AwaitOutcome } from './outcomes.ts';
import { type Customer, requireVerified } from './placing.ts';
import { insufficientFunds } from './repeats.ts';
import type { SendCommands } from './sender.ts';

export interface AmendingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly gate: Gate;
  readonly send: SendCommands;
  readonly awaitOutcome: AwaitOutcome<string>;
  readonly batchWindowMs: number;
  readonly batchSize: number;
}

/** What came of an amend: the order as it is now, and whether it is amended or the command is still on its way. */
export interface Amended {
  readonly commandId: string;
  readonly order: Order;
  readonly isDone: boolean;
}

export interface Amending {
  /**
   * Changes an open order and waits up to a second for it. Committed, with what more it may need reserved, once it
   * resolves: an amend that is still on its way will be done, or refused and its funds given back. Throws KYC_REQUIRED,
   * ORDER_NOT_FOUND (also for somebody else's), ORDER_NOT_OPEN, ORDER_IN_LIST, what judgeAmend() does,
   * INSUFFICIENT_FUNDS, ORDER_CHANGED (another amend came first), POST_ONLY_WOULD_TAKE, STOP_WOULD_TRIGGER or
   * UNAVAILABLE; after any of them the order is as it was, except that UNAVAILABLE can leave it open when PostgreSQL
   * went away.
   */
  amend(customer: Customer, orderId: string, request: AmendRequest): Promise<Amended>;
}

const patienceMs = 1_000;

interface Kept {
  readonly isKept: boolean;
  readonly sent: Promise<boolean>;
}

export function createAmending(deps: AmendingDeps): Amending {
  const { db, newId, markets, gate, awaitOutcome } = deps;
  const batcher = createBatcher<NewAmend, Kept>({
    run: (amends) => commit(amends, deps),
    maxSize: deps.batchSize,
    windowMs: deps.batchWindowMs,
  });

  async function prepare({ userId }: Customer, orderId: string, request: AmendRequest): Promise<NewAmend> {
    const found = await findAmendable(db, userId, orderId).catch(unavailableWhenAway);
    if (found === undefined) throw refusal('ORDER_NOT_FOUND');
    const { order, status } = found;
    if (isFinal(status)) throw refusal('ORDER_NOT_OPEN');
    if (order.orderListId !== undefined) throw refusal('ORDER_IN_LIST');
    const live = await markets.find(order.symbol);
    // Our view of the rules may be a second old: what both count in must be the same.
    if (live.market.stepsVersion !== order.stepsVersion) {
      throw new DomainError('UNAVAILABLE', 'The market has just changed. Try again.', { retryAfter: 1 });
    }
    const { from, to, funds, ...reserve } = judgeAmend(order, request, live.market, live.referenceTicks);
    await gate(live);
    const { symbol, side, postOnly, selfTradePrevention, stepsVersion } = order;
    const commandId = newId();
    return {
      symbol,
      amend: { commandId, orderId, userId, side, from, to, postOnly, selfTradePrevention, funds, stepsVersion },
      ...reserve,
    };
  }

  return {
    async amend(customer, orderId, request) {
      requireVerified(customer);
      const prepared = await prepare(customer, orderId, request);
      const { commandId } = prepared.amend;
      const { isKept, sent } = await batcher.add(prepared).catch(unavailableWhenAway);
      if (!isKept) throw insufficientFunds();
      // While Redis is away the command waits in PostgreSQL: nobody needs to wait for that.
      const outcome = (await sent) ? await awaitOutcome(commandId, patienceMs) : undefined;
      if (outcome !== undefined && outcome !== 'AMENDED') throw refusalOf(commandId, outcome);
      const order = await findOrder(db, customer.userId, { orderId }).catch(unavailableWhenAway);
      invariant(order !== undefined, `order ${orderId} is there`);
      return { commandId, order, isDone: outcome !== undefined };
    },
  };
}

async function commit(amends: readonly NewAmend[], { db, clock, send }: AmendingDeps): Promise<readonly Kept[]> {
  const kept = await putAmends(db, amends, clock());
  const sent = send(
    amends.flatMap(({ symbol, amend }, index) =>
      kept[index] === true ? [{ symbol, command: { kind: 'AMEND' as const, ...amend } }] : [],
    ),
  );
  return kept.map((isKept) => ({ isKept, sent }));
}

/** Why the engine left an order as it was, in words. */
const refusals = {
  INVALID_PRICE: 'The market changed meanwhile: the price is outside its limits now.',
  INVALID_QUANTITY: 'The quantity is outside the limits of the market, or not above what is executed by now.',
  MARKET_NOT_ACTIVE: 'The market takes no amends now.',
  MARKET_POST_ONLY: 'The market takes amends of post-only orders only.',
  ORDER_CHANGED: 'The order was changed meanwhile. GET it and amend it again.',
  ORDER_IN_LIST: 'This order is a leg of an order list. Cancel the list and place another one.',
  ORDER_NOT_FOUND: 'You have no order with this id.',
  ORDER_NOT_OPEN: 'This order is final already. GET it to see how it ended.',
  POST_ONLY_WOULD_TAKE: 'At this price the order would take, and it is post-only.',
  STOP_WOULD_TRIGGER: 'The last trade is at this stop_price or beyond: it would trigger at once.',
} satisfies Partial<Record<ErrorCode, string>>;

const refusal = (code: keyof typeof refusals): DomainError => new DomainError(code, refusals[code]);

function refusalOf(commandId: string, outcome: string): Error {
  if (outcome in refusals) return refusal(outcome as keyof typeof refusals);
  // A dead letter: a person looks at it.
  return new Error(`Amend ${commandId} is ${outcome}`);
}
