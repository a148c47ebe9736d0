/** A bot as somebody else would write it: it knows the exchange by its OpenAPI document alone. */
import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './openapi.ts';

const api = '/api/v1';

/** Trades at `baseUrl` with the funds of `token`, and answers what it saw. */
export async function trade(baseUrl: string, token: string, watch: Middleware) {
  const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });
  client.use(watch);
  const bid = (price: string, client_order_id: string) =>
    ({ symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', quantity: '0.01', price, client_order_id }) as const;

  const batch = need(
    await client.POST(`${api}/orders/batch`, {
      body: { orders: [bid('48000', 'bid-1'), bid('48100', 'bid-2'), bid('48200.001', 'bid-3')] },
    }),
  );
  const batched = batch.items.flatMap(({ order }) => (order === undefined ? [] : [order.order_id]));
  const problems = batch.items.flatMap(({ problem }) => (problem === undefined ? [] : [problem.code]));

  // Answered once it is matched, and so are those before it.
  const placed = need(
    await client.POST(`${api}/orders`, { params: { query: { response: 'result' } }, body: bid('49000', 'single') }),
  );
  const unfunded = await client.POST(`${api}/orders`, { body: { ...bid('49000', 'large'), quantity: '100' } });
  const refusal = unfunded.error?.code satisfies string | undefined;

  const listed: string[] = [];
  let cursor: string | null | undefined;
  do {
    const filters = {
      symbol: 'BTC/USDT',
      status: 'OPEN',
      side: 'BUY',
      limit: 2,
      ...(cursor ? { cursor } : {}),
    } as const;
    const page = need(await client.GET(`${api}/orders`, { params: { query: filters } }));
    listed.push(...page.items.map(({ client_order_id }) => client_order_id ?? ''));
    cursor = page.next_cursor;
  } while (cursor !== null);

  const one = { params: { path: { order_id: placed.order_id } } };
  const amended = need(await client.PATCH(`${api}/orders/{order_id}`, { ...one, body: { price: '49100' } }));
  const cancelled = need(await client.DELETE(`${api}/orders/{order_id}`, one));
  const [first = ''] = batched;
  const withdrawn = need(await client.DELETE(`${api}/orders/batch`, { body: { order_ids: [first] } }));
  const all = need(await client.DELETE(`${api}/orders`, { params: { query: { symbol: 'BTC-USDT' } } }));
  const final = need(await client.GET(`${api}/orders/{order_id}`, one));
  const tickers = need(await client.GET(`${api}/tickers`));

  return {
    placed: placed.status,
    refusal,
    problems,
    listed,
    amended: amended.price,
    cancelled: cancelled.status,
    reason: final.reject_reason,
    withdrawn: withdrawn.items.map(({ done }) => done),
    all: all.items.map(({ symbol, done }) => [symbol, done]),
    tickers: tickers.items.map(({ symbol }) => symbol),
  };
}

function need<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data !== undefined) return data;
  throw new Error(`${response.url} answers ${response.status}: ${JSON.stringify(error)}`);
}
