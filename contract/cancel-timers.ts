import { z } from 'zod';
import { MarketSymbol, page, Timestamp } from './common.ts';
import { operation } from './operation.ts';

const symbol = MarketSymbol.nullable().meta({ description: 'Null: every market' });

const CancelTimer = z
  .object({
    symbol,
    seconds: z.number().int().meta({ description: 'As it was set; 0: it is off' }),
    cancel_at: Timestamp.nullable().meta({ description: 'When my orders end unless it is set again; null: it is off' }),
  })
  .meta({ id: 'CancelTimer' });

/** A day, in seconds. */
const longest = 86_400;

export const cancelTimerOperations = {
  cancelAllAfter: operation({
    method: 'POST',
    path: '/orders/cancel-all-after',
    tag: 'orders',
    summary: 'Cancel all my orders, in one market or everywhere, unless I ask again in time; 0 seconds switches it off',
    access: 'user',
    bucket: 'cancels',
    idempotency: 'repeatable',
    body: z
      .strictObject({
        seconds: z
          .number()
          .int()
          .min(0)
          .max(longest)
          .meta({ description: `1 to ${longest}, or 0 to switch it off` }),
        symbol: MarketSymbol.optional().meta({ description: 'Everywhere when left out, by a switch of its own' }),
      })
      .meta({ examples: [{ seconds: 10, symbol: 'BTC/USDT' }] }),
    status: 200,
    reply: CancelTimer,
    refusals: ['MARKET_NOT_FOUND'],
  }),
  cancelTimers: operation({
    method: 'GET',
    path: '/orders/cancel-all-after',
    tag: 'orders',
    summary: 'What will cancel my orders unless I ask again: the switches that are on',
    access: 'user',
    status: 200,
    reply: page(CancelTimer),
  }),
};
