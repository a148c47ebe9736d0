import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createLoadLimit, withinLoad } from '../../api/load-limit.ts';
import { listen } from '../../api/listen.ts';
import { createHttpMetrics } from '../../api/rest/middleware/observe.ts';
import { createRestServer } from '../../api/rest/server.ts';
import { orderOperations } from '../../contract/orders.ts';
import { DomainError } from '../../domain/errors.ts';
import { silentLogger } from '../../platform/log.ts';
import { createMetrics } from '../../platform/telemetry.ts';
import { callRaw, many } from '../chaos/hostile-callers.ts';
import { openGrpc } from './grpc/kit.ts';

const limits = { requestTimeout: 5_000, headersTimeout: 5_000, idleTimeout: 5_000, maxConnections: 3 };

async function openRest(places: number) {
  const metrics = createMetrics();
  const server = createRestServer({
    routers: [],
    log: silentLogger,
    newId: () => 'request',
    metrics: createHttpMetrics(metrics),
    corsOrigins: [],
    limits,
    load: createLoadLimit(places),
  });
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  const read = async (name: string) =>
    Number(new RegExp(`^${name} (.+)$`, 'm').exec(await metrics.registry.metrics())?.[1]);
  return { server, url, read };
}

/** How many of five connections are closed at once. */
async function turnedAway(url: string): Promise<number> {
  const callers = await many(5, () => callRaw(url));
  const late = sleep(300, undefined);
  const ended = await Promise.all(callers.map((caller) => Promise.race([caller.ended, late])));
  for (const { socket } of callers) socket.destroy();
  return ended.filter((ms) => ms !== undefined).length;
}

test('REST: more connections than a door may have, those beyond are closed and counted', async (t) => {
  const { server, url, read } = await openRest(1);
  t.teardown(() => server.close());
  t.is(await turnedAway(url), 2);
  t.is(await read('http_connections_dropped_total'), 2);
});

test('gRPC: more connections than a door may have, those beyond are closed', async (t) => {
  const { server, address } = await openGrpc({}, { authenticate: () => Promise.reject(new Error('Nobody')), limits });
  t.teardown(() => server.close(0));
  t.is(await turnedAway(`http://${address}`), 2);
});

test('REST: as much as can be worked on, more is 503 at once but for cancels and health', async (t) => {
  const { server, url, read } = await openRest(0);
  t.teardown(() => server.close());
  const refused = await fetch(`${url}/api/v1/orders`, { method: 'POST', body: '{}' });
  t.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  const problem = (await refused.json()) as Record<string, unknown>;
  t.like(problem, { code: 'UNAVAILABLE', status: 503, type: '/problems/UNAVAILABLE' });
  t.regex(String(problem['trace_id']), /^[0-9a-f]{32}$/);
  t.is((await fetch(`${url}/api/v1/orders/1`, { method: 'DELETE' })).status, 404, 'nothing is mounted here');
  t.is((await fetch(`${url}/health/live`)).status, 404);
  t.is(await read('http_requests_shed_total'), 1);
});

test('load: work in every place, the next is refused, a cancel is not, and places come back', async (t) => {
  const load = createLoadLimit(1);
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = withinLoad(load, orderOperations.placeOrder, () => promise);
  const next = () => withinLoad(load, orderOperations.placeOrder, async () => 'done');
  t.is((await t.throwsAsync(next(), { instanceOf: DomainError })).code, 'UNAVAILABLE');
  t.is(await withinLoad(load, orderOperations.cancelOrder, async () => 'cancelled'), 'cancelled');
  resolve('placed');
  t.is(await first, 'placed');
  t.is(await next(), 'done');
  await t.throwsAsync(withinLoad(load, orderOperations.placeOrder, () => Promise.reject(new Error('A fault'))));
  t.is(await next(), 'done', 'what fails gives its place back too');
});
