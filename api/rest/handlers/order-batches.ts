import { Uuid } from '../../../contract/common.ts';
import type { orderBatchOperations } from '../../../contract/order-batches.ts';
import { OrderRequest } from '../../../contract/orders.ts';
import type { TradingService } from '../../../services/trading/trading.ts';
import { presentCancelBatch, presentOrderBatch } from '../../present/order-batch.ts';
import { validate } from '../../validate.ts';
import type { Handlers } from '../door.ts';
import { toRequest } from './orders.ts';

/** Placing and cancelling many orders in one request. */
export const createOrderBatchHandlers = ({
  placing,
  cancelling,
}: Pick<TradingService, 'placing' | 'cancelling'>): Handlers<typeof orderBatchOperations> => ({
  async placeOrders({ body }, { caller, idempotencyKey, origin }) {
    const read = await readEach(body.orders, (item) => toRequest(validate(OrderRequest, item)));
    return presentOrderBatch(await placing.placeEach(caller, read, idempotencyKey), origin.traceId);
  },
  async cancelOrders({ body }, { caller, origin }) {
    const read = await readEach(body.order_ids, (item) => validate(Uuid, item));
    return presentCancelBatch(await cancelling.cancelEach(caller.userId, read), origin.traceId);
  },
});

/** Each item read by itself: the fault of one is its own. */
const readEach = <T>(items: readonly unknown[], read: (item: unknown) => T) =>
  Promise.allSettled(items.map(async (item) => read(item)));
