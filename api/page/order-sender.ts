import { call, Refusal } from './rest.ts';
import type { Order, OrderRequest } from './types.ts';

/** Sends orders under ids of their own: what got no answer and is sent once more is placed once. */
export function createOrderSender() {
  let unanswered: { readonly content: string; readonly id: string } | undefined;

  return {
    async send(request: OrderRequest, token: string | undefined): Promise<Order> {
      const content = JSON.stringify(request);
      if (unanswered?.content !== content) unanswered = { content, id: newId() };
      const body = { ...request, client_order_id: unanswered.id };
      try {
        const placed = await call<Order>('POST', '/orders', { token, body });
        unanswered = undefined;
        return placed;
      } catch (error) {
        if (error instanceof Refusal) unanswered = undefined;
        throw error;
      }
    },
  };
}

/** Not `crypto.randomUUID`: browsers have it on encrypted pages and on this machine's own only. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
