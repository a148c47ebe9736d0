import { createHash } from 'node:crypto';
import { DomainError, invariant } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import { asPlaced, type Order } from '../../domain/trading/order.ts';
import { endOfDay, judgeOrder, type OrderRequest, type Placement } from '../../domain/trading/placement.ts';
import { type Batcher, createBatcher } from '../../platform/batcher.ts';
import type { Clock } from '../../platform/clock.ts';
import { type NewId, timeOfId } from '../../platform/ids.ts';
import { type Database, isDatabaseAway, unavailableWhenAway } from '../../storage/db.ts';
import { findOrder } from '../../storage/trading/orders.ts';
import { findPlaced, type NewOrder, placeOrders, type PlacingOutcome } from '../../storage/trading/place-orders.ts';
import type { Gate } from './gate.ts';
import type { MarketBook } from './markets.ts';
import type { SendCommands } from './sender.ts';

export interface PlacingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly gate: Gate;
  readonly send: SendCommands;
  /** How long the batcher collects (milliseconds), and how many orders go into one commit, at most. */
  readonly batchWindowMs: number;
  readonly batchSize: number;
}

export type Customer = Pick<Caller, 'userId' | 'kycStatus'>;

export interface Placing {
  /**
   * Places an order: once this resolves it is committed with its reservation. The client_order_id, or else the
   * idempotency key, makes it safe to repeat: the same content gets the first answer. Throws KYC_REQUIRED,
   * MARKET_NOT_FOUND, what judgeOrder() does, INSUFFICIENT_FUNDS, IDEMPOTENCY_CONFLICT, or UNAVAILABLE; after any of
   * them there is no order, except that UNAVAILABLE can leave it open when PostgreSQL went away.
   */
  place(customer: Customer, request: OrderRequest, idempotencyKey: string | undefined): Promise<Order>;
  /** What an order would be, and reserve, now; nothing is placed. Throws as `place` does before it commits. */
  test(customer: Customer, request: OrderRequest): Promise<Placement>;
}

type Outcome = PlacingOutcome | { readonly outcome: 'FAILED'; readonly error: unknown };

interface Placed {
  readonly outcome: Outcome;
  /** Resolves when the matcher has been told, or cannot be. */
  readonly sent: Promise<boolean>;
}

/** Concurrent orders share commits: while some are in flight, what arrives gathers for the next. */
export function createPlacing(deps: PlacingDeps): Placing {
  const { db, clock, newId, markets, gate } = deps;
  const batcher: Batcher<NewOrder, Placed> = createBatcher({
    run: (orders) => commit(orders, deps),
    maxSize: deps.batchSize,
    windowMs: deps.batchWindowMs,
  });

  async function judge(customer: Customer, request: OrderRequest): Promise<Placement> {
    if (customer.kycStatus !== 'verified') {
      throw new DomainError('KYC_REQUIRED', 'Have your identity verified before you trade: POST /kyc.');
    }
    const live = await markets.find(request.symbol);
    const placement = judgeOrder(request, live.market, live.referenceTicks);
    await gate(live);
    return placement;
  }

  /** A repeat gets the first answer even when the same order would be refused by now. */
  async function repeatOr(refused: unknown, userId: string, callerKey: string, contentHash: string): Promise<Order> {
    if (!(refused instanceof DomainError)) throw refused;
    const before = await findPlaced(db, userId, callerKey, clock()).catch(unavailableWhenAway);
    if (before === undefined) throw refused;
    if (before.contentHash !== contentHash) throw conflict();
    if (before.refusal !== undefined) throw insufficientFunds();
    return firstAnswer(userId, before.orderId);
  }

  async function firstAnswer(userId: string, orderId: string): Promise<Order> {
    const order = await findOrder(db, userId, { orderId }).catch(unavailableWhenAway);
    invariant(order !== undefined, `order ${orderId} was placed`);
    return asPlaced(order);
  }

  return {
    async place(customer, request, idempotencyKey) {
      const { userId } = customer;
      const { clientOrderId } = request;
      const callerKey = clientOrderId ?? (idempotencyKey === undefined ? undefined : `#${digest(idempotencyKey)}`);
      const contentHash = callerKey === undefined ? '' : hashOf(request);
      let placement: Placement;
      try {
        placement = await judge(customer, request);
      } catch (refused) {
        if (callerKey === undefined) throw refused;
        return repeatOr(refused, userId, callerKey, contentHash);
      }
      const orderId = newId();
      const createdAt = timeOfId(orderId);
      const expiresAt = placement.timeInForce === 'DAY' ? new Date(endOfDay(createdAt.getTime())) : undefined;
      const order = { orderId, userId, clientOrderId, callerKey, contentHash, placement, createdAt, expiresAt };
      const { outcome, sent } = await batcher.add(order);
      switch (outcome.outcome) {
        case 'PLACED':
          await sent;
          return newlyPlaced(order);
        case 'KNOWN':
          return firstAnswer(userId, outcome.orderId);
        case 'CONFLICT':
          throw conflict();
        case 'INSUFFICIENT_FUNDS':
          throw insufficientFunds();
        case 'FAILED':
          return unavailableWhenAway(outcome.error);
      }
    },
    test: judge,
  };
}

async function commit(orders: readonly NewOrder[], { db, clock, send }: PlacingDeps): Promise<readonly Placed[]> {
  const outcomes = await placeIsolating(db, orders, clock());
  const placed = orders.filter((_order, index) => outcomes[index]?.outcome === 'PLACED');
  // Not waited for here: the next batch may commit meanwhile.
  const sent = send(placed.map(toCommand));
  return outcomes.map((outcome) => ({ outcome, sent }));
}

/** One order that breaks a rule of the tables, which is a bug, must not fail its neighbours. */
async function placeIsolating(db: Database, orders: readonly NewOrder[], at: Date): Promise<readonly Outcome[]> {
  try {
    return await placeOrders(db, orders, at);
  } catch (error) {
    if (orders.length === 1 || isDatabaseAway(error)) return orders.map(() => ({ outcome: 'FAILED', error }));
    const middle = orders.length >> 1;
    return [
      ...(await placeIsolating(db, orders.slice(0, middle), at)),
      ...(await placeIsolating(db, orders.slice(middle), at)),
    ];
  }
}

const toCommand = ({ orderId, userId, placement, createdAt, expiresAt }: NewOrder) => ({
  symbol: placement.symbol,
  command: {
    kind: 'PLACE' as const,
    order: { ...placement, orderId, userId, createdAt: createdAt.getTime(), expiresAt: expiresAt?.getTime() ?? 0 },
  },
});

const newlyPlaced = ({ orderId, userId, clientOrderId, placement, createdAt, expiresAt }: NewOrder): Order => ({
  orderId,
  userId,
  clientOrderId,
  symbol: placement.symbol,
  side: placement.side,
  orderType: placement.orderType,
  timeInForce: placement.timeInForce,
  quantity: placement.quantity,
  quoteQuantity: placement.quoteQuantity,
  price: placement.price,
  postOnly: placement.postOnly,
  selfTradePrevention: placement.selfTradePrevention,
  status: 'PENDING',
  filledQuantity: '0',
  executedQuote: '0',
  fees: '0',
  preventedQuantity: '0',
  reason: undefined,
  expiresAt,
  createdAt,
  updatedAt: createdAt,
  filledAt: undefined,
  cancelledAt: undefined,
});

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Of what was asked, decimals by value. */
function hashOf(request: OrderRequest): string {
  const { symbol, side, orderType, timeInForce, quantity, quoteQuantity, price, postOnly } = request;
  const amounts = [quantity, quoteQuantity, price].map((amount) => amount && shortest(amount));
  return digest(
    JSON.stringify([symbol, side, orderType, timeInForce, ...amounts, postOnly, request.selfTradePrevention]),
  );
}

const shortest = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal);

const conflict = (): DomainError =>
  new DomainError('IDEMPOTENCY_CONFLICT', 'Another order was placed under this id. Send a new id for a new order.');

const insufficientFunds = (): DomainError =>
  new DomainError('INSUFFICIENT_FUNDS', 'The available balance is too small for this order.');
