import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { defaultPayloadConverter } from '@temporalio/common';
import { type JSONPayload, JSONToPayload, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import { silentLogger } from '../../platform/log.ts';
import { createCodecHandler } from '../../temporal/codec/codec-server.ts';
import { createEncryptionCodec } from '../../temporal/codec/encryption-codec.ts';

const codec = createEncryptionCodec([{ id: 'test', base64: Buffer.alloc(32, 1).toString('base64') }]);
const origin = 'http://ui.example';

async function serve(t: ExecutionContext, allowed = true): Promise<string> {
  const handler = createCodecHandler({ codec, origins: [origin], authorize: async () => allowed, log: silentLogger });
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { origin }, body: typeof body === 'string' ? body : JSON.stringify(body) });

async function decoded(response: Response): Promise<unknown> {
  const { payloads } = (await response.json()) as { payloads: JSONPayload[] };
  return defaultPayloadConverter.fromPayload(JSONToPayload(payloads[0]!));
}

test('codec server: /encode then /decode, shows everything but the one-time code', async (t) => {
  const url = await serve(t);
  const decision = { officer: 'olivia', code: '123456', nested: [{ code: 1 }] };
  const encoded = await post(`${url}/encode`, {
    payloads: [payloadToJSON(defaultPayloadConverter.toPayload(decision))],
  });
  const body = await encoded.text();
  t.false(body.includes(Buffer.from('olivia').toString('base64').slice(0, 6)));
  const [sealed] = (JSON.parse(body) as { payloads: JSONPayload[] }).payloads.map(JSONToPayload);
  t.deepEqual(defaultPayloadConverter.fromPayload((await codec.decode([sealed!]))[0]!), decision);
  const shown = await post(`${url}/decode`, body);
  t.deepEqual(await decoded(shown), { officer: 'olivia', code: '•••', nested: [{ code: '•••' }] });
});

test('codec server: the UI asks whether it may call, yes; another page, no', async (t) => {
  const url = await serve(t);
  const ask = async (from: string) =>
    (await fetch(`${url}/decode`, { method: 'OPTIONS', headers: { origin: from } })).headers.get(
      'access-control-allow-origin',
    );
  t.is(await ask(origin), origin);
  t.is(await ask('http://elsewhere.example'), null);
});

test('codec server: somebody without login, 401', async (t) => {
  t.is((await post(`${await serve(t, false)}/decode`, { payloads: [] })).status, 401);
});

test('codec server: a body without payloads, an empty list', async (t) => {
  t.deepEqual(await (await post(`${await serve(t)}/decode`, {})).json(), { payloads: [] });
});

const refuses = test.macro({
  title: (_, what: string, _path: string, _body: string, status: number) => `codec server: ${what}, ${status}`,
  exec: async (t, _what: string, path: string, body: string, status: number) => {
    t.is((await post(`${await serve(t)}${path}`, body)).status, status);
  },
});
test(refuses, 'malformed JSON', '/decode', '{', 400);
test(refuses, 'an unknown path', '/other', '{}', 404);
test(refuses, 'five megabytes', '/decode', ' '.repeat(5 * 1024 * 1024), 413);
