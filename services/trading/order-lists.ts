import { DomainError, hasCode, invariant } from '../../domain/errors.ts';
import { asPlaced, isFinal } from '../../domain/trading/order.ts';
import { judgeList, type ListPlacement, type ListRequest, type OrderList } from '../../domain/trading/order-list.ts';
import { endOfDay, type Placement } from '../../domain/trading/placement.ts';
import type { Clock } from '../../platform/clock.ts';
import { type NewId, timeOfId } from '../../platform/ids.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { findOrderList } from '../../storage/trading/order-lists.ts';
import type { NewList, NewOrder } from '../../storage/trading/place-orders.ts';
import type { Cancelling } from './cancelling.ts';
import type { Gate } from './gate.ts';
import type { MarketBook } from './markets.ts';
import { type Customer, newlyPlaced, requireVerified } from './placing.ts';
import type { Placed, PlacingBatcher } from './placing-batcher.ts';
import { archived, callerKeyOf, conflict, createRepeats, hashOfList, insufficientFunds, listKeyOf } from './repeats.ts';

export interface OrderListsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly gate: Gate;
  readonly batcher: PlacingBatcher;
  readonly cancelling: Pick<Cancelling, 'cancelEach'>;
}

/** What came of a cancel: the list as it is now, and whether it has ended or the command is still on its way. */
export interface CancelledList {
  readonly commandId: string;
  readonly list: OrderList;
  readonly isDone: boolean;
}

export interface OrderLists {
  /**
   * Places both orders of a list, or neither: once this resolves they are committed with their one reservation. Safe to
   * repeat as an order is. Throws KYC_REQUIRED, MARKET_NOT_FOUND, what judgeList() does, INSUFFICIENT_FUNDS,
   * IDEMPOTENCY_CONFLICT or UNAVAILABLE.
   */
  place(customer: Customer, request: ListRequest, idempotencyKey: string | undefined): Promise<OrderList>;
  /** A list of a user. Throws ORDER_NOT_FOUND, for somebody else's as for an unknown one. */
  find(userId: string, orderListId: string): Promise<OrderList>;
  /** Cancels what is open of a list as an order is. Throws ORDER_NOT_FOUND, ORDER_NOT_OPEN or UNAVAILABLE. */
  cancel(userId: string, orderListId: string): Promise<CancelledList>;
}

export function createOrderLists(deps: OrderListsDeps): OrderLists {
  const { db, newId, markets, gate, batcher, cancelling } = deps;

  const find: OrderLists['find'] = async (userId, orderListId) => {
    const list = await findOrderList(db, userId, orderListId).catch(unavailableWhenAway);
    if (list !== undefined) return list;
    throw new DomainError('ORDER_NOT_FOUND', 'You have no such order list.');
  };

  const repeats = createRepeats(deps, async (userId, orderListId) => {
    const list = await findOrderList(db, userId, orderListId).catch(unavailableWhenAway);
    if (list === undefined) throw archived();
    return asFirst(list);
  });

  async function judge(customer: Customer, request: ListRequest): Promise<ListPlacement> {
    requireVerified(customer);
    const live = await markets.find(request.symbol);
    const placement = judgeList(request, live.market, live.referenceTicks);
    await gate(live);
    return placement;
  }

  async function complete(list: NewList, { outcome, sent }: Placed): Promise<OrderList> {
    switch (outcome.outcome) {
      case 'PLACED':
        await sent;
        return newlyPlacedList(list);
      case 'KNOWN':
        return repeats.firstAnswer(list.userId, outcome.orderId);
      case 'CONFLICT':
        throw conflict();
      case 'INSUFFICIENT_FUNDS':
        throw insufficientFunds();
      case 'FAILED':
        return unavailableWhenAway(outcome.error);
    }
  }

  return {
    async place(customer, request, key) {
      const { userId } = customer;
      const { clientOrderListId } = request;
      const callerKey = clientOrderListId === undefined ? key && callerKeyOf(key) : listKeyOf(clientOrderListId);
      const contentHash = hashOfList(request);
      let judged: ListPlacement;
      try {
        judged = await judge(customer, request);
      } catch (refused) {
        if (callerKey === undefined) throw refused;
        return repeats.answerOr(refused, userId, callerKey, contentHash);
      }
      const orderListId = newId();
      const leg = (placement: Placement) => newLeg(newId(), userId, placement);
      const [limit, stop] = [leg(judged.limit), leg(judged.stop)];
      const { reserving } = judged;
      const createdAt = timeOfId(orderListId);
      const named = { orderListId, userId, clientOrderListId, callerKey, contentHash, createdAt };
      const list = { ...named, limit, stop, reserving };
      return complete(list, await batcher.add(list));
    },

    find,

    cancel: createCancel(cancelling, find),
  };
}

/**
 * Cancels every leg that may be open: until the commands are applied one may end because the other fills or is
 * triggered, and nobody knows which.
 */
function createCancel(cancelling: OrderListsDeps['cancelling'], find: OrderLists['find']): OrderLists['cancel'] {
  return async (userId, orderListId) => {
    const { orders } = await find(userId, orderListId);
    const open = orders.filter(({ status }) => !isFinal(status));
    const asked = open.map(({ orderId }) => ({ status: 'fulfilled' as const, value: orderId }));
    const settled = await cancelling.cancelEach(userId, asked);
    for (const one of settled) {
      if (one.status === 'rejected' && !hasCode(one.reason, 'ORDER_NOT_OPEN')) throw one.reason;
    }
    const cancels = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const told = cancels.find(({ isDone }) => isDone) ?? cancels[0];
    if (told === undefined) {
      throw new DomainError('ORDER_NOT_OPEN', 'This order list is final already. GET it to see how.');
    }
    return { commandId: told.commandId, isDone: told.isDone, list: await find(userId, orderListId) };
  };
}

function newLeg(orderId: string, userId: string, placement: Placement): NewOrder {
  const createdAt = timeOfId(orderId);
  const expiresAt = placement.timeInForce === 'DAY' ? new Date(endOfDay(createdAt.getTime())) : undefined;
  const unnamed = { clientOrderId: undefined, callerKey: undefined, contentHash: '' };
  return { ...unnamed, orderId, userId, placement, createdAt, expiresAt };
}

function newlyPlacedList({ orderListId, clientOrderListId, limit, stop, createdAt }: NewList): OrderList {
  const { symbol, side, quantity } = limit.placement;
  invariant(quantity !== undefined, 'a list has a quantity');
  const leg = (order: NewOrder) => ({ ...newlyPlaced(order), orderListId });
  return { orderListId, clientOrderListId, symbol, side, quantity, orders: [leg(limit), leg(stop)], createdAt };
}

const asFirst = ({ orders: [limit, stop], ...list }: OrderList): OrderList => ({
  ...list,
  orders: [asPlaced(limit), asPlaced(stop)],
});
