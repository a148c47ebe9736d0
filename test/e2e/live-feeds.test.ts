import test from 'ava';
import { WebSocket } from 'ws';
import { createDepthSide } from '../../domain/trading/depth.ts';
import { request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, withToken } from '../integration/grpc/kit.ts';

let system: System;

test.before(async () => {
  system = await startSystem();
});
test.after.always(() => system.stop());

interface Depth {
  readonly book_seq: number;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

async function trader(): Promise<string> {
  const body = { kyc: 'verified', balances: { BTC: '100', USDT: '1000000' } };
  const { body: user } = await request<{ access_token: string }>('POST', `${system.internal}/api/v1/dev/users`, {
    body,
  });
  return user.access_token;
}

/** Follows the depth channel; answers the book as its messages make it. */
function followDepth() {
  const sides = { bids: createDepthSide('BUY'), asks: createDepthSide('SELL') };
  const socket = new WebSocket(`${system.rest.replace('http', 'ws')}/ws`);
  let sequence = -1;
  let gaps = 0;
  socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', channels: ['depth:BTC-USDT'] })));
  socket.on('message', (message: Buffer) => {
    const event = JSON.parse(message.toString()) as { type?: string; first_sequence: number; last_sequence: number } & {
      data: Pick<Depth, 'bids' | 'asks'>;
    };
    if (event.type === undefined) return;
    if (event.type === 'update' && event.first_sequence !== sequence + 1) gaps += 1;
    for (const [price, quantity] of event.data.bids) sides.bids.set(price, quantity);
    for (const [price, quantity] of event.data.asks) sides.asks.set(price, quantity);
    sequence = event.last_sequence;
  });
  const pairs = (side: 'bids' | 'asks') => sides[side].top(0).map(({ price, quantity }) => [price, quantity]);
  return {
    close: () => socket.close(),
    get sequence() {
      return sequence;
    },
    get gaps() {
      return gaps;
    },
    book: () => ({ bids: pairs('bids'), asks: pairs('asks') }),
  };
}

test('live feeds: orders over gRPC and REST through the matcher, WebSocket diffs rebuild the REST depth', async (t) => {
  const [alice, bob] = [await trader(), await trader()];
  const follower = followDepth();
  await until(() => follower.sequence >= 0);
  const client = connect(system.grpc, 'OrderService');
  const placed: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    const side = count % 2 === 0 ? 'BUY' : 'SELL';
    const price = String(50_000 + (side === 'BUY' ? -1 : 1) * ((count * 7) % 11) + (count % 10 === 9 ? -20 : 0));
    const order = { symbol: 'BTC/USDT', quantity: `0.0${1 + (count % 9)}`, price };
    const enums = { side: `ORDER_SIDE_${side}`, order_type: 'ORDER_TYPE_LIMIT' };
    const token = side === 'BUY' ? alice : bob;
    if (count % 3 === 0) {
      const reply = await invoke(client, 'PlaceOrder', { ...order, ...enums }, withToken(token));
      if (side === 'BUY') placed.push(String(reply['order_id']));
    } else {
      const body = { ...order, side, order_type: 'LIMIT' };
      t.is((await request('POST', `${system.rest}/api/v1/orders`, { token, body })).status, 201);
    }
  }
  for (const order_id of placed.slice(0, 3)) {
    await invoke(client, 'CancelOrder', { order_id }, withToken(alice)).catch(() => undefined);
  }
  client.close();
  const url = `${system.rest}/api/v1/markets/BTC-USDT/depth?limit=0`;
  const depth = async () => (await request<Depth>('GET', url)).body;
  const stored = () =>
    system.db.one<{ seq: string }>(`SELECT book_seq AS seq FROM trading.market_state WHERE symbol = 'BTC/USDT'`);
  const pending = () =>
    system.db.one<{ count: string }>(`SELECT count(*) FROM trading.orders WHERE status = 'PENDING'`);
  await until(async () => Number((await pending()).count) === 0, 30_000);
  await until(async () => Number((await stored()).seq) === follower.sequence, 30_000);
  const { bids, asks, book_seq } = await depth();
  t.is(book_seq, follower.sequence);
  t.deepEqual(follower.book() as object, { bids, asks });
  t.true(bids.length > 0 && asks.length > 0);
  t.is(follower.gaps, 0);
  follower.close();
});
