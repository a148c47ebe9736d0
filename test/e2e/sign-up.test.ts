import anyTest, { type TestFn } from 'ava';
import { request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<{ system: System; api: string }>;

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, api: `${system.rest}/api/v1` };
});
test.after.always(({ context }) => context.system.stop());

interface Mails {
  readonly items: readonly { readonly text: string }[];
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly session_id: string;
}

test('sign-up: register, open the mailed link, log in, refresh, log out, and the session has ended', async (t) => {
  const { api, system } = t.context;
  const body = { email: 'Alice@Example.com', password: 'correct horse battery', first_name: 'Alice' };
  const registered = await request('POST', `${api}/auth/register`, { body });
  t.is(registered.status, 201);
  t.like(registered.body, { email: 'Alice@Example.com', first_name: 'Alice', last_name: null });

  const credentials = { email: body.email, password: body.password };
  t.is((await request('POST', `${api}/auth/login`, { body: credentials })).status, 401);

  const inbox = () => request<Mails>('GET', `${system.inbox}/mails?to=alice@example.com`);
  await until(async () => (await inbox()).body.items.length > 0, 20_000);
  const token = /#token=([\w-]+)/.exec((await inbox()).body.items.at(-1)?.text ?? '')?.[1];
  const verified = await request('POST', `${api}/auth/verify-email`, { body: { token } });
  t.like(verified, { status: 200, body: { user_id: registered.body['user_id'], email_verified: true } });

  const login = await request<Tokens>('POST', `${api}/auth/login`, { body: credentials });
  t.is(login.status, 200);
  const me = await request('GET', `${api}/users/me`, { token: login.body.access_token });
  t.like(me.body, { email: 'Alice@Example.com', kyc_status: 'pending', role: 'user', email_verified: true });
  t.is(me.headers.get('cache-control'), 'no-store');

  const refreshBody = { refresh_token: login.body.refresh_token };
  const refreshed = await request<Tokens>('POST', `${api}/auth/refresh`, { body: refreshBody });
  t.is(refreshed.status, 200);
  t.is(refreshed.body.session_id, login.body.session_id);
  t.is((await request('GET', `${api}/users/me`, { token: refreshed.body.access_token })).status, 200);

  t.is((await request('POST', `${api}/users/me/logout`, { token: refreshed.body.access_token })).status, 204);
  const after = await request('GET', `${api}/users/me`, { token: refreshed.body.access_token });
  t.like(after, { status: 401, body: { code: 'UNAUTHENTICATED' } });
});

test('register: the same Idempotency-Key twice, one attempt and the same answer', async (t) => {
  const { api } = t.context;
  const body = { email: 'twice@example.com', password: 'correct horse battery' };
  const headers = { 'idempotency-key': 'register-1' };
  const [first, second] = [
    await request('POST', `${api}/auth/register`, { body, headers }),
    await request('POST', `${api}/auth/register`, { body, headers }),
  ];
  t.is(first.status, 201);
  t.deepEqual(second.body, first.body);
  const other = { ...body, email: 'other@example.com' };
  const conflict = await request('POST', `${api}/auth/register`, { body: other, headers });
  t.like(conflict, { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
});

const refused = test.macro({
  title: (_, circumstance: string) => `POST /auth/login: ${circumstance}, a problem that says what to do`,
  async exec(t, _circumstance: string, sent: { raw?: string; headers?: Record<string, string> }, status: number) {
    const { api } = t.context as { api: string };
    const answer = await request('POST', `${api}/auth/login`, sent);
    t.is(answer.status, status);
    t.is(answer.headers.get('content-type'), 'application/problem+json');
    for (const field of ['type', 'title', 'code', 'detail', 'trace_id'])
      t.is(typeof answer.body[field], 'string', field);
  },
});

test(refused, 'malformed JSON', { raw: '{"email":' }, 400);
test(refused, 'a key twice', { raw: '{"email":"a@b.c","email":"d@e.f","password":"x"}' }, 400);
test(refused, 'an unknown field', { raw: '{"email":"a@b.c","password":"x","role":"admin"}' }, 400);
test(refused, 'a wrong type', { raw: '{"email":1,"password":"x"}' }, 400);
test(refused, 'another media type', { raw: 'email=a', headers: { 'content-type': 'text/plain' } }, 415);
test(refused, 'too large a body', { raw: `{"email":"${'a'.repeat(200_000)}"}` }, 413);

test('validation: several faults, all listed with their pointers', async (t) => {
  const raw = '{"email":7,"a/b":1}';
  const { body } = await request<{ errors: { pointer: string }[] }>('POST', `${t.context.api}/auth/login`, { raw });
  t.deepEqual(body.errors.map(({ pointer }) => pointer).sort(), ['/a~1b', '/email', '/password']);
});

test('routes: an unknown path is 404, a wrong method 405 with Allow, TRACE too', async (t) => {
  const { api, system } = t.context;
  t.like(await request('GET', `${api}/nothing`), { status: 404, body: { code: 'NOT_FOUND' } });
  t.like(await request('GET', `${system.rest}/nothing`), { status: 404 });
  const wrong = await request('DELETE', `${api}/auth/login`);
  t.is(wrong.status, 405);
  t.is(wrong.headers.get('allow'), 'POST');
});

test('routes: a path that stands where ids do, is none for methods it does not know', async (t) => {
  for (const [method, path, allow] of [
    ['GET', '/orders/batch', 'DELETE, POST'],
    ['DELETE', '/orders/test', 'POST'],
    ['DELETE', '/orders/cancel-all-after', 'GET, HEAD, POST'],
    ['GET', '/withdrawals/preview', 'POST'],
  ] as const) {
    const answer = await request(method, t.context.api + path);
    t.like(answer, { status: 405, body: { code: 'METHOD_NOT_ALLOWED' } }, path);
    t.is(answer.headers.get('allow'), allow);
  }
});

test('idempotency key: an empty one, is refused as malformed', async (t) => {
  const body = { email: 'alice@example.com' };
  const url = `${t.context.api}/auth/resend-verification`;
  t.like(await request('POST', url, { body, headers: { 'idempotency-key': '' } }), { status: 400 });
  t.like(await request('POST', url, { body, headers: { 'idempotency-key': 'x' } }), { status: 202 });
});

test('development: a customer with no address or a taken one, is refused by field', async (t) => {
  const url = `${t.context.system.internal}/api/v1/dev/users`;
  const body = { email: 'ready@example.com' };
  t.like(await request('POST', url, { body }), { status: 201 });
  for (const email of ['nobody', body.email]) {
    const refused = await request<{ errors: object[] }>('POST', url, { body: { email } });
    t.is(refused.status, 400);
    t.like(refused.body.errors[0], { pointer: '/email' });
  }
});

test('documents: OpenAPI, Swagger UI, keys and health, served', async (t) => {
  const { rest, internal } = t.context.system;
  t.like(await request('GET', `${rest}/openapi.json`), { status: 200, body: { openapi: '3.1.1' } });
  t.like(await request('GET', `${internal}/openapi.json`), { status: 200, body: { openapi: '3.1.1' } });
  t.like(await request('GET', `${rest}/asyncapi.json`), { status: 200, body: { asyncapi: '3.0.0' } });
  t.true((await request<{ keys: unknown[] }>('GET', `${rest}/.well-known/jwks.json`)).body.keys.length > 0);
  t.like(await request('GET', `${rest}/health/ready`), { status: 200, body: { status: 'ready' } });
  t.like(await request('GET', `${internal}/api/v1/status`), { status: 200 });
  const page = await fetch(`${rest}/swagger/index.html`);
  t.regex(await page.text(), /swagger-ui-bundle\.js/);
  t.is((await fetch(`${rest}/swagger/swagger-ui-bundle.js`)).status, 200);
});

test('stop: told to, the API ends cleanly', async (t) => {
  const { system } = t.context;
  const other = await startSystem();
  t.is(await other.stopApp('api'), 'exit code 0');
  t.is(await other.stopApp('workers'), 'exit code 0');
  await other.stop();
  t.is((await fetch(`${system.rest}/health/live`)).status, 200);
});
