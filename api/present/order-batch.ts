import type { Reply } from '../../contract/operation.ts';
import type { orderBatchOperations } from '../../contract/order-batches.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Order } from '../../domain/trading/order.ts';
import type { Cancelled } from '../../services/trading/cancelling.ts';
import type { Several } from '../../services/trading/several.ts';
import { presentOrder } from './order.ts';
import { type ProblemDocument, toProblem } from './problem.ts';

export const presentOrderBatch = (
  placed: Several<Order>,
  traceId: string,
): Reply<typeof orderBatchOperations.placeOrders> => ({
  items: placed.map((one, place) =>
    one.status === 'fulfilled'
      ? { order: presentOrder(one.value) }
      : { problem: problemAt(`/orders/${place}`, one.reason, traceId) },
  ),
});

export const presentCancelBatch = (
  cancelled: Several<Cancelled>,
  traceId: string,
): Reply<typeof orderBatchOperations.cancelOrders> => ({
  items: cancelled.map((one, place) => {
    if (one.status === 'rejected') return { problem: problemAt(`/order_ids/${place}`, one.reason, traceId) };
    const { order, commandId, isDone } = one.value;
    return { order: { ...presentOrder(order), command_id: commandId }, done: isDone };
  }),
});

/** A problem of one item: its faults point to where the item stands in the request. */
function problemAt(pointer: string, error: unknown, traceId: string): ProblemDocument {
  if (!(error instanceof DomainError) || error.details.errors === undefined) return toProblem(error, traceId);
  const errors = error.details.errors.map((fault) => ({ ...fault, pointer: pointer + fault.pointer }));
  return toProblem(new DomainError(error.code, error.message, { ...error.details, errors }), traceId);
}
