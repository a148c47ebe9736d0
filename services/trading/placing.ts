import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Order } from '../../domain/trading/order.ts';
import { endOfDay, judgeOrder, type OrderRequest, type Placement } from '../../domain/trading/placement.ts';
import type { Clock } from '../../platform/clock.ts';
import { type NewId, timeOfId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import type { NewOrder } from '../../storage/trading/place-orders.ts';
import type { Gate } from './gate.ts';
import type { MarketBook } from './markets.ts';
import type { AwaitOutcome } from './outcomes.ts';
import type { Placed, PlacingBatcher } from './placing-batcher.ts';
import {
  callerKeyOf,
  conflict,
  createOrderRepeats,
  hashOf,
  insufficientFunds,
  keyOfItem,
  type Repeats,
} from './repeats.ts';
import { settleSeveral, type Several, valueOf } from './several.ts';

export interface PlacingDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly gate: Gate;
  readonly batcher: PlacingBatcher;
  /** Answers an order once the matcher has taken it in. */
  readonly awaitTakenIn: AwaitOutcome<Order>;
}

export type Customer = Pick<Caller, 'userId' | 'kycStatus'>;

/** When placing is answered: once the order is committed, or once the matcher has taken it in. */
export type PlacingResponse = 'ack' | 'result';

export interface Placing {
  /**
   * Places an order: once this resolves it is committed with its reservation. The client_order_id, or else the
   * idempotency key, makes it safe to repeat: the same content gets the first answer. Throws KYC_REQUIRED,
   * MARKET_NOT_FOUND, what judgeOrder() does, INSUFFICIENT_FUNDS, IDEMPOTENCY_CONFLICT, or UNAVAILABLE; after any of
   * them there is no order, except that UNAVAILABLE can leave it open when PostgreSQL went away. With `result` it waits
   * up to a second for the matcher and answers the order as it is then, else as it was placed.
   */
  place(
    customer: Customer,
    request: OrderRequest,
    idempotencyKey: string | undefined,
    response?: PlacingResponse,
  ): Promise<Order>;
  /**
   * Places several orders as `place` does, in one commit if they fit, each with its own result in the order given. What
   * could not be read keeps its fault and its place. The idempotency key counts for each by its place. Throws
   * KYC_REQUIRED, and UNAVAILABLE when that is what came of all.
   */
  placeEach(
    customer: Customer,
    requests: Several<OrderRequest>,
    idempotencyKey: string | undefined,
  ): Promise<Several<Order>>;
  /** True when a user placed an order under this idempotency key, as long as it counts. */
  knowsKey(userId: string, idempotencyKey: string): Promise<boolean>;
  /** What an order would be, and reserve, now; nothing is placed. Throws as `place` does before it commits. */
  test(customer: Customer, request: OrderRequest): Promise<Placement>;
}

/** An order about to be committed, or what was answered before under its id. */
type Prepared = { readonly order: NewOrder } | { readonly before: Order };

interface Answered {
  readonly order: Order;
  /** False when the matcher will learn of it late. */
  readonly isSent: boolean;
}

const patienceMs = 1_000;

/** Concurrent orders share commits: see createPlacingBatcher(). */
export function createPlacing(deps: PlacingDeps): Placing {
  const { log, newId, markets, gate, awaitTakenIn, batcher } = deps;
  const repeats = createOrderRepeats(deps);
  async function judge(customer: Customer, request: OrderRequest): Promise<Placement> {
    requireVerified(customer);
    const live = await markets.find(request.symbol);
    const placement = judgeOrder(request, live.market, live.referenceTicks);
    await gate(live);
    return placement;
  }

  async function prepare(customer: Customer, request: OrderRequest, key: string | undefined): Promise<Prepared> {
    const { userId } = customer;
    const { clientOrderId } = request;
    const callerKey = clientOrderId ?? (key === undefined ? undefined : callerKeyOf(key));
    const contentHash = callerKey === undefined ? '' : hashOf(request);
    let placement: Placement;
    try {
      placement = await judge(customer, request);
    } catch (refused) {
      if (callerKey === undefined) throw refused;
      return { before: await repeats.answerOr(refused, userId, callerKey, contentHash) };
    }
    const orderId = newId();
    const createdAt = timeOfId(orderId);
    const expiresAt = placement.timeInForce === 'DAY' ? new Date(endOfDay(createdAt.getTime())) : undefined;
    return { order: { orderId, userId, clientOrderId, callerKey, contentHash, placement, createdAt, expiresAt } };
  }

  /** Hands the order to the batcher before it first waits: those completed in one go share a commit. */
  async function complete(prepared: Prepared): Promise<Answered> {
    if ('before' in prepared) return { order: prepared.before, isSent: true };
    return toAnswer(prepared.order, await batcher.add(prepared.order), repeats);
  }

  return {
    async place(customer, request, idempotencyKey, response = 'ack') {
      const { order, isSent } = await complete(await prepare(customer, request, idempotencyKey));
      // While Redis is away the order waits in PostgreSQL: nobody needs to wait for that.
      if (response === 'ack' || !isSent) return order;
      return (await awaitTakenIn(order.orderId, patienceMs)) ?? order;
    },

    async placeEach(customer, requests, idempotencyKey) {
      requireVerified(customer);
      const prepared = await Promise.allSettled(
        requests.map(async (read, place) => {
          const key = idempotencyKey === undefined ? undefined : keyOfItem(idempotencyKey, place);
          return prepare(customer, valueOf(read), key);
        }),
      );
      return settleSeveral(
        prepared.map(async (one) => (await complete(valueOf(one))).order),
        log,
      );
    },

    knowsKey: repeats.knowsKey,
    test: judge,
  };
}

async function toAnswer(order: NewOrder, { outcome, sent }: Placed, repeats: Repeats<Order>): Promise<Answered> {
  switch (outcome.outcome) {
    case 'PLACED':
      return { isSent: await sent, order: newlyPlaced(order) };
    case 'KNOWN':
      return { isSent: true, order: await repeats.firstAnswer(order.userId, outcome.orderId) };
    case 'CONFLICT':
      throw conflict();
    case 'INSUFFICIENT_FUNDS':
      throw insufficientFunds();
    case 'FAILED':
      return unavailableWhenAway(outcome.error);
  }
}

export const newlyPlaced = ({ orderId, userId, clientOrderId, placement, createdAt, expiresAt }: NewOrder): Order => ({
  orderId,
  userId,
  clientOrderId,
  orderListId: undefined,
  symbol: placement.symbol,
  side: placement.side,
  orderType: placement.orderType,
  timeInForce: placement.timeInForce,
  quantity: placement.quantity,
  quoteQuantity: placement.quoteQuantity,
  price: placement.price,
  stopPrice: placement.stopPrice,
  postOnly: placement.postOnly,
  selfTradePrevention: placement.selfTradePrevention,
  status: 'PENDING',
  filledQuantity: '0',
  executedQuote: '0',
  fees: '0',
  preventedQuantity: '0',
  reason: undefined,
  expiresAt,
  triggeredAt: undefined,
  createdAt,
  updatedAt: createdAt,
  filledAt: undefined,
  cancelledAt: undefined,
});

/** Throws KYC_REQUIRED. */
export function requireVerified({ kycStatus }: Customer): void {
  if (kycStatus === 'verified') return;
  throw new DomainError('KYC_REQUIRED', 'Have your identity verified before you trade: POST /kyc.');
}
