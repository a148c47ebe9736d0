import { createHash } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { shortestDecimal } from '../../domain/money.ts';
import { asPlaced, type Order } from '../../domain/trading/order.ts';
import type { ListRequest } from '../../domain/trading/order-list.ts';
import type { OrderRequest } from '../../domain/trading/placement.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { findOrder } from '../../storage/trading/orders.ts';
import { findPlaced } from '../../storage/trading/place-orders.ts';

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
}

/** What is answered when an order, or an order list, is asked for again. */
export interface Repeats<T> {
  /** A repeat gets the first answer even when the same order would be refused by now; else throws that refusal. */
  answerOr(refused: unknown, userId: string, callerKey: string, contentHash: string): Promise<T>;
  /** As placing it answered. */
  firstAnswer(userId: string, id: string): Promise<T>;
  /** True when a user placed an order under this idempotency key, as long as it counts. */
  knowsKey(userId: string, idempotencyKey: string): Promise<boolean>;
}

export const createOrderRepeats = ({ db, clock }: Deps): Repeats<Order> =>
  createRepeats({ db, clock }, async (userId, orderId) => {
    const order = await findOrder(db, userId, { orderId }).catch(unavailableWhenAway);
    if (order === undefined) throw archived();
    return asPlaced(order);
  });

export function createRepeats<T>({ db, clock }: Deps, firstAnswer: Repeats<T>['firstAnswer']): Repeats<T> {
  const known = (userId: string, callerKey: string) =>
    findPlaced(db, userId, callerKey, clock()).catch(unavailableWhenAway);

  const answerOr: Repeats<T>['answerOr'] = async (refused, userId, callerKey, contentHash) => {
    if (!(refused instanceof DomainError)) throw refused;
    const before = await known(userId, callerKey);
    if (before === undefined) throw refused;
    if (before.contentHash !== contentHash) throw conflict();
    if (before.refusal !== undefined) throw insufficientFunds();
    return firstAnswer(userId, before.orderId);
  };

  return {
    answerOr,
    firstAnswer,
    knowsKey: async (userId, idempotencyKey) => (await known(userId, callerKeyOf(idempotencyKey))) !== undefined,
  };
}

/** What stands for an Idempotency-Key among client order ids, which have no #. */
export const callerKeyOf = (idempotencyKey: string): string => `#${idempotencyKey}`;

/** What stands for a list's own id among client order ids, which have no @. */
export const listKeyOf = (clientOrderListId: string): string => `@${clientOrderListId}`;

/** The key of one item of a batch under a key: none that a caller sends has a space. */
export const keyOfItem = (idempotencyKey: string, place: number): string => `${idempotencyKey} ${place}`;

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Of what was asked, decimals by value. */
export function hashOf(request: OrderRequest): string {
  const { symbol, side, orderType, timeInForce, quantity, quoteQuantity, price, stopPrice, postOnly } = request;
  const amounts = [quantity, quoteQuantity, price, stopPrice].map((amount) => amount && shortestDecimal(amount));
  return digest(
    JSON.stringify([symbol, side, orderType, timeInForce, ...amounts, postOnly, request.selfTradePrevention]),
  );
}

/** The same of a list. */
export function hashOfList({ symbol, side, quantity, orders }: ListRequest): string {
  const legs = orders.map((leg) => hashOf({ ...leg, symbol, side, quantity }));
  return digest(JSON.stringify(['LIST', ...legs]));
}

export const conflict = (): DomainError =>
  new DomainError('IDEMPOTENCY_CONFLICT', 'Another order was placed under this id. Send a new id for a new order.');

/** The id counts for ever, but what it stands for is in the archive: it cannot be answered with, nor placed again. */
export const archived = (): DomainError =>
  new DomainError('ORDER_ARCHIVED', 'What was placed under this id ended long ago and is archived. Send a new id.');

export const insufficientFunds = (): DomainError =>
  new DomainError('INSUFFICIENT_FUNDS', 'The available balance is too small for this order.');
