import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { standardLimits } from '../../../contract/clients/calls.ts';
import { createWalletClient } from '../../../contract/clients/wallet-client.ts';
import { DomainError } from '../../../domain/errors.ts';

const id = '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f';
const request = { user_id: id, asset: 'USDT', amount: '1', order_id: id, reason: 'BUY_ORDER' };
const reserved = { success: true, reservation_id: id, available_balance: '2', reserved_balance: '1' };

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answering = (response: ServerResponse, attempt: number) => void;

/** Whatever stands between a service and the wallet service, answering as told. */
async function between(t: ExecutionContext, answering: Answering, timeoutMs = standardLimits.timeoutMs) {
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      asked.push({ path: incoming.url ?? '', headers: incoming.headers, body });
      answering(response, asked.length);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const limits = { ...standardLimits, retryMs: 1, timeoutMs };
  return { asked, url, client: createWalletClient({ url, token: 'the token', limits }) };
}

const answer = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
};

const problem = (code: string, more = {}) => ({
  type: `/problems/${code}`,
  title: code,
  status: 422,
  code,
  detail: 'Say it otherwise.',
  trace_id: 'a'.repeat(32),
  ...more,
});

test('wallet client: a call, is one request with the token, the ids and the key', async (t) => {
  const { asked, client } = await between(t, (response) => answer(response, 200, { ...reserved, news: 1 }));
  t.deepEqual(await client.release(request, 'part-1'), { ...reserved, success: true }, 'without what it does not know');
  t.is(asked.length, 1);
  t.like(asked[0], { path: '/api/v1/wallets/release', body: JSON.stringify(request) });
  t.like(asked[0]?.headers, { authorization: 'Bearer the token', 'idempotency-key': 'part-1' });
});

const refuses = test.macro({
  title: (_, what: string) => `wallet client: refused, ${what}, rejects at once with the code`,
  exec: async (t, _what: string, body: object, headers: object, details: object) => {
    const { asked, client } = await between(t, (response) => answer(response, 422, body, headers));
    const refusal = await t.throwsAsync(client.reserve(request), { instanceOf: DomainError });
    t.is(refusal.code, (body as { code: DomainError['code'] }).code);
    t.is(refusal.message, 'Say it otherwise.');
    t.deepEqual(refusal.details, details);
    t.is(asked.length, 1);
  },
});

test(refuses, 'plainly', problem('INSUFFICIENT_FUNDS'), {}, {});
test(
  refuses,
  'with details',
  problem('IDEMPOTENCY_KEY_REQUIRED', { details: { remaining: '3' } }),
  {},
  { remaining: '3' },
);
test(refuses, 'for a while', problem('RATE_LIMITED'), { 'retry-after': '2' }, { retryAfter: 2 });
const faults = [{ pointer: '/amount', code: 'INVALID_REQUEST', detail: 'Too fine.' }];
test(refuses, 'for a field', problem('INVALID_REQUEST', { errors: faults }), {}, { errors: faults });
test(refuses, 'for a reason newer than the client', problem('NOT_HEARD_OF_YET'), {}, {});

test('wallet client: more refusals in a row than failures open the breaker, all are sent', async (t) => {
  const { asked, client } = await between(t, (response) => answer(response, 422, problem('INSUFFICIENT_FUNDS')));
  for (let sent = 0; sent < 20; sent += 1) await t.throwsAsync(client.reserve(request), { instanceOf: DomainError });
  t.is(asked.length, 20);
});

const survives = test.macro({
  title: (_, what: string) => `wallet client: ${what}, sent again with the same ids until it is answered`,
  exec: async (t, _what: string, fault: Answering, timeoutMs?: number) => {
    const answering: Answering = (response, attempt) => {
      if (attempt <= 3) fault(response, attempt);
      else answer(response, 200, reserved);
    };
    const { asked, client } = await between(t, answering, timeoutMs);
    t.is((await client.reserve(request)).reservation_id, id);
    t.deepEqual(
      asked.map(({ body }) => body),
      Array.from({ length: 4 }, () => JSON.stringify(request)),
    );
  },
});

test(survives, 'a connection that is cut', (response) => response.destroy());
test(survives, 'no answer in time', () => undefined, 1_000);
test(survives, 'half an answer', (response) => {
  response.writeHead(200, { 'content-length': '99' }).write('{"success":', () => response.destroy());
});
test(survives, 'a gateway’s page', (response) => answer(response, 502, '<html>Bad gateway</html>'));
test(survives, 'a page where there should be JSON', (response) => answer(response, 404, '<html>Not found</html>'));
test(survives, 'an answer of another form', (response) => answer(response, 200, { ...reserved, reserved_balance: 1 }));
test(survives, 'a fault', (response) => answer(response, 500, problem('INTERNAL')));
test(survives, 'no service at the moment', (response) => answer(response, 503, problem('UNAVAILABLE')));

test('wallet client: sent elsewhere by a redirect, does not go there with its token', async (t) => {
  const other = await between(t, (response) => answer(response, 200, reserved));
  const { client } = await between(t, (response) => answer(response, 307, '', { location: other.url }));
  await t.throwsAsync(client.reserve(request));
  t.is(other.asked.length, 0);
});
