import { connect as connectHttp2 } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { makeClientConstructor, credentials } from '@grpc/grpc-js';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { WebSocket } from 'ws';
import { loadProtos, serviceIn } from '../../api/grpc/protos.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { rounds } from '../_support/chaos.ts';
import { type Client, createClient } from '../_support/client.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { memoryOf } from '../_support/memory.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, type Rpc, withMetadata, withToken } from '../integration/grpc/kit.ts';
import {
  callRaw,
  drip,
  head,
  many,
  openStreams,
  pour,
  type RawCaller,
  resetRapidly,
  sendRaw,
} from './hostile-callers.ts';

interface Context {
  readonly system: System;
  readonly customer: Customer;
  /** Somebody who does nothing wrong. */
  readonly honest: Client;
}
const test = anyTest as TestFn<Context>;

const limits = { SERVER_HEADERS_TIMEOUT: '1s', SERVER_REQUEST_TIMEOUT: '3s', SERVER_IDLE_TIMEOUT: '60s' };

test.before(async (t) => {
  const system = await startSystem(limits);
  const honest = createClient(`${system.rest}/api/v1`, { connections: 4 });
  t.context = { system, honest, customer: { userId: '', token: '' } };
  const [customer] = await createCustomers(system.internal, 1);
  t.context = { system, honest, customer: customer! };
});
test.after.always(async ({ context: { system, honest } }) => {
  honest.close();
  await system.stop();
});

/** 100 MB that travel as 100 kB. */
const bomb = gzipSync(Buffer.alloc(100 * 2 ** 20, ' '));

const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.0001' };
const orderByRpc = { ...order, side: 'ORDER_SIDE_BUY', order_type: 'ORDER_TYPE_LIMIT' };

interface Watched {
  readonly grownMib: number;
  readonly slowestMs: number;
  readonly served: number;
}

/**
 * Attacks, while an honest customer places an order each 50 ms: each must be placed, within two seconds. Answers by how
 * much the API's memory grew at its worst.
 */
async function attack(t: ExecutionContext<Context>, hostile: () => Promise<unknown>): Promise<Watched> {
  const { context } = t;
  const { token } = context.customer;
  const memory = (): number => memoryOf(context.system.pid('api'));
  const before = memory();
  let [worst, slowest, served] = [before, 0, 0];
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const begun = performance.now();
      const { status } = await context.honest.send({ method: 'POST', path: '/orders', token, body: order });
      t.is(status, 201, 'others are served');
      slowest = Math.max(slowest, performance.now() - begun);
      worst = Math.max(worst, memory());
      served += 1;
      await sleep(50);
    }
  })();
  try {
    await hostile();
  } finally {
    over.abort();
    await watching;
  }
  const watched = { grownMib: Math.round(worst - before), slowestMs: Math.round(slowest), served };
  t.log(`${Math.round(before)} MiB, grown by ${watched.grownMib}; ${served} orders, slowest ${watched.slowestMs} ms`);
  t.true(slowest < 2_000, `the slowest order of others took ${watched.slowestMs} ms`);
  t.true(watched.grownMib < 200, `memory grew by ${watched.grownMib} MiB`);
  await untilIdle(context);
  await untilQuiet(context.system.db);
  t.deepEqual(await findBreaks(context.system.db), []);
  t.deepEqual(await idleInTransaction(context), []);
  return watched;
}

/** Whoever asked may be gone, and what was asked goes on. One request is the question itself. */
async function untilIdle({ system }: Context): Promise<void> {
  const isIdle = /^http_requests_active 1$(.|\n)*^grpc_requests_active 0$/m;
  await until(async () => isIdle.test(await (await fetch(`${system.internal}/metrics`)).text()));
}

const idleInTransaction = ({ system }: Context) =>
  system.db.any(
    `SELECT application_name, query FROM pg_stat_activity
      WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '1 s'
        AND datname = current_database()`,
  );

const closeAll = (callers: readonly RawCaller[]): void => callers.forEach(({ socket }) => socket.destroy());

const slow: readonly (readonly [what: string, start: string, withinMs: number])[] = [
  ['headers', 'GET /api/v1/markets HTTP/1.1\r\nhost: localhost\r\nx-slow: ', 4_000],
  ['bodies', `${head('POST /api/v1/orders', 'content-type: application/json', 'content-length: 5000')}\r\n{`, 6_000],
];
for (const [what, start, withinMs] of slow) {
  test.serial(`slowloris: 600 connections with ${what} that never end, all closed in time`, async (t) => {
    await attack(t, async () => {
      const callers = await many(600, () => callRaw(t.context.system.rest));
      for (const caller of callers) {
        caller.socket.write(start);
        void drip(caller, 'a', 200);
      }
      const slowest = Math.max(...(await Promise.all(callers.map(({ ended }) => ended))));
      closeAll(callers);
      t.true(slowest < withinMs, `the last after ${Math.round(slowest)} ms`);
    });
  });
}

test.serial('slowloris: 1 000 gRPC calls on ten connections whose message never comes, all ended', async (t) => {
  const { system } = t.context;
  await attack(t, async () => {
    const sessions = Array.from({ length: 10 }, () => connectHttp2(`http://${system.grpc}`));
    const endings = sessions.flatMap((session) => {
      session.on('error', () => undefined);
      return Array.from({ length: 100 }, () => {
        const call = session.request({
          ':method': 'POST',
          ':path': '/pandora.v1.OrderService/PlaceOrder',
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        // A message of 50 kB begins, and does not go on.
        call.write(Buffer.concat([Buffer.from([0, 0, 0, 0xc3, 0x50]), Buffer.alloc(1_000)]));
        call.on('error', () => undefined);
        return new Promise<string>((resolve) => {
          const hear = (headers: Record<string, unknown>) => resolve(String(headers['grpc-status']));
          call.on('response', hear).on('trailers', hear);
          call.on('close', () => resolve('closed'));
          call.resume();
        });
      });
    });
    const statuses = new Set(await Promise.all(endings));
    for (const session of sessions) session.destroy();
    t.deepEqual(statuses, new Set(['4']), 'DEADLINE_EXCEEDED');
  });
});

/** As many as fit below the doors' 10 000 connections. */
const idle = rounds > 1 ? 9_000 : 1_500;

test.serial(`connections: ${idle} idle ones, and streams on gRPC and WebSocket, others are served`, async (t) => {
  t.timeout(120_000);
  const { system } = t.context;
  await attack(t, async () => {
    const callers = await many(idle, () => callRaw(system.rest));
    const speaking = await many(Math.round(idle / 10), async () => {
      const socket = new WebSocket(`${system.rest.replace('http', 'ws')}/ws`);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      socket.send(JSON.stringify({ op: 'subscribe', channels: ['depth:BTC-USDT', 'ticker:BTC-USDT'] }));
      return socket;
    });
    const silent = await many(Math.round(idle / 10), () => callRaw(`http://${system.grpc}`));
    const streams = openStreams(system.grpc, 10, 100);
    await sleep(3_000);
    t.true(streams.heard() >= 900, `${streams.heard()} messages came on 1 000 streams`);
    streams.close();
    for (const socket of speaking) socket.terminate();
    closeAll([...callers, ...silent]);
  });
});

const bodies: readonly (readonly [what: string, head: string])[] = [
  ['announced', head('POST /api/v1/orders', 'content-type: application/json', 'content-length: 1073741824')],
  ['streamed', head('POST /api/v1/orders', 'content-type: application/json', 'transfer-encoding: chunked')],
  ['sent to where none belongs', head('GET /api/v1/markets', 'content-length: 1073741824')],
  ['sent to nowhere', head('POST /nowhere', 'content-length: 1073741824')],
];
for (const [what, start] of bodies) {
  test.serial(`body: 1 GB ${what}, refused or not read, and the connection closed`, async (t) => {
    const { system } = t.context;
    await attack(t, async () => {
      const caller = await callRaw(system.rest);
      caller.socket.write(`${start}\r\n${what === 'streamed' ? '40000000\r\n' : ''}`);
      const taken = await pour(caller, 2 ** 30);
      t.true(taken < 64 * 2 ** 20, `${Math.round(taken / 2 ** 20)} MiB were taken`);
      t.regex(
        caller.heard(),
        what === 'announced' || what === 'streamed' ? /^HTTP\/1.1 413 / : /^HTTP\/1.1 (200|404) /,
      );
    });
  });
}

test.serial('requests: too deep, too long, compressed, too many headers, each refused by its status', async (t) => {
  const { system, customer } = t.context;
  const { token } = customer;
  const url = `${system.rest}/api/v1/orders`;
  const json = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const rows: readonly (readonly [status: number, headers: Record<string, string>, body: string | Buffer])[] = [
    [400, json, `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    [400, json, `${'{"a":'.repeat(17_000)}1${'}'.repeat(17_000)}`],
    [413, json, JSON.stringify({ ...order, client_order_id: 'a'.repeat(200_000) })],
    [415, { ...json, 'content-encoding': 'gzip' }, bomb],
    [415, { ...json, 'content-encoding': 'br' }, bomb],
    [431, { ...json, 'x-long': 'a'.repeat(65_536) }, JSON.stringify(order)],
  ];
  await attack(t, async () => {
    for (const [status, headers, body] of rows) {
      const sent = { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) };
      const answered = await fetch(url, sent).then(
        (answer) => answer.status,
        (error: unknown) => String((error as Error).cause),
      );
      t.is(answered, status, JSON.stringify(headers).slice(0, 100));
    }
  });
});

test.serial('gRPC: 100 MB, a gzip bomb, 64 kB of metadata, deep groups: refused, nothing else', async (t) => {
  const { system, customer } = t.context;
  const huge = { ...orderByRpc, client_order_id: 'a'.repeat(100 * 2 ** 20) };
  const bearer = { authorization: `Bearer ${customer.token}` };
  await attack(t, async () => {
    const plain = connect(system.grpc, 'OrderService');
    const made = makeClientConstructor(serviceIn(loadProtos(), 'OrderService'), 'OrderService');
    const options = { 'grpc.default_compression_algorithm': 2, 'grpc.use_local_subchannel_pool': 1 };
    const zipping = new made(system.grpc, credentials.createInsecure(), options) as unknown as Rpc;
    const code = (call: Promise<unknown>) =>
      call.then(
        () => 'OK',
        (error: unknown) => (error as { code: number }).code,
      );
    t.is(await code(invoke(plain, 'PlaceOrder', huge, withToken(customer.token))), 8, 'RESOURCE_EXHAUSTED');
    t.is(await code(invoke(zipping, 'PlaceOrder', huge, withToken(customer.token))), 8, 'a bomb, RESOURCE_EXHAUSTED');
    for (const length of [20_000, 65_536]) {
      const metadata = withMetadata({ ...bearer, 'x-long': 'a'.repeat(length) });
      t.is(await code(invoke(plain, 'PlaceOrder', orderByRpc, metadata)), 8, 'RESOURCE_EXHAUSTED');
    }
    // Groups are the only thing in protobuf that nests without a schema.
    t.is(await sendRaw(system.grpc, customer.token, Buffer.alloc(50_000, 0x0b)), '3', 'INVALID_ARGUMENT');
    plain.close();
    zipping.close();
  });
});

test.serial('HTTP/2: 20 000 streams opened and reset at once, the connection ends', async (t) => {
  await attack(t, async () => {
    t.is(await resetRapidly(t.context.system.grpc, 20_000), 'ended');
  });
});

test.serial('callers: 200 gone in the middle of a request, by REST and gRPC, nothing is left held', async (t) => {
  const { system, customer } = t.context;
  const body = JSON.stringify(order);
  const whole = head(
    'POST /api/v1/orders',
    'content-type: application/json',
    `authorization: Bearer ${customer.token}`,
    `content-length: ${body.length}`,
  );
  await attack(t, async () => {
    await many(200, async (number) => {
      const caller = await callRaw(system.rest);
      caller.socket.write(`${whole}\r\n${number % 2 === 0 ? body : body.slice(0, 20)}`);
      await sleep(number % 10);
      caller.socket.destroy();
    });
    const grpc = connect(system.grpc, 'OrderService');
    await many(200, async (number) => {
      const call = grpc['PlaceOrder']!(orderByRpc, withToken(customer.token), () => undefined);
      await sleep(number % 10);
      (call as { cancel: () => void }).cancel();
    });
    grpc.close();
  });
});
