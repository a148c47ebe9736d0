import test from 'ava';
import { createLoadLimit } from '../../api/load-limit.ts';
import { admit } from '../../api/admission.ts';
import { answer, costOf } from '../../api/answer.ts';
import { orderBatchOperations } from '../../contract/order-batches.ts';
import type { Operation } from '../../contract/operation.ts';
import { orderListOperations } from '../../contract/order-lists.ts';
import { orderOperations } from '../../contract/orders.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';

const { placeOrders, cancelOrders } = orderBatchOperations;
const caller: Caller = {
  userId: 'alice',
  sessionId: 'session',
  role: 'user',
  kycStatus: 'verified',
  lastFactorAt: undefined,
};
const origin = { traceId: 'trace', ipAddress: '127.0.0.1' };

const costs = test.macro((t, operation: Operation, body: unknown, cost: number) => {
  t.is(costOf(operation, body), cost);
});
test('cost: three orders, three', costs, placeOrders, { orders: [{}, {}, {}] }, 3);
test('cost: three cancels, three', costs, cancelOrders, { order_ids: ['', '', ''] }, 3);
test('cost: more than the largest batch, as much as that', costs, placeOrders, { orders: Array(1_000).fill({}) }, 50);
test('cost: an order list, two', costs, orderListOperations.placeOrderList, { orders: [{}, {}] }, 2);
test('cost: no order, one', costs, placeOrders, { orders: [] }, 1);
test('cost: a body that is no object, one', costs, placeOrders, null, 1);
test('cost: a single order, whatever it lists, one', costs, orderOperations.placeOrder, { orders: [1, 2] }, 1);

test('limits: a batch larger than its limit ever allows, RATE_LIMITED that promises no time', async (t) => {
  const rule = { name: 'orders', limit: 10, windowSeconds: 1 };
  const visitor = { ...origin, authorization: 'Bearer token', origin, announce: () => undefined };
  const limited = admit(
    visitor,
    placeOrders,
    {
      authenticate: async () => caller,
      isServiceToken: () => false,
      requireRightTime: () => undefined,
      load: createLoadLimit(1),
      limiter: {
        take: async ({ limit, windowSeconds }, _key, cost) => ({
          allowed: cost <= limit,
          limit,
          windowSeconds,
          remaining: limit,
          resetSeconds: 1,
        }),
      },
      rules: { enabled: true, anonymous: rule, general: rule, orders: rule, cancels: rule },
    },
    11,
  );
  const error = await t.throwsAsync(limited, { instanceOf: DomainError, message: /at most 10 items/ });
  t.is(error.code, 'RATE_LIMITED');
  t.is(error.details.retryAfter, undefined);
});

const keeps = test.macro(async (t, statuses: readonly number[], kept: boolean) => {
  const items = [{ order: {} }, ...statuses.map((status) => ({ problem: { status } }))];
  const verdicts: boolean[] = [];
  await answer(
    {
      id: 'placeOrders',
      operation: placeOrders,
      handler: async () => ({ items }),
      input: { params: undefined, query: undefined, body: { orders: [] } },
      admission: { caller, origin },
      idempotencyKey: 'key',
      setHeader: () => undefined,
    },
    {
      async once({ exclusive }, run, worthKeeping) {
        t.false(exclusive);
        const first = await run();
        verdicts.push(worthKeeping(first));
        return first;
      },
    },
  );
  t.deepEqual(verdicts, [kept]);
});
test('answer to a batch: all placed, kept', keeps, [], true);
test('answer to a batch: some refused, kept', keeps, [400, 422], true);
test('answer to a batch: one could not be placed for the moment, not kept', keeps, [422, 503], false);
test('answer to a batch: one met a fault, not kept', keeps, [500], false);
