import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { type JSONPayload, JSONToPayload, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Logger } from '../../platform/log.ts';

export interface CodecServerOptions {
  readonly codec: PayloadCodec;
  /** Origins of the Temporal UI; any other page's requests are refused by the browser. */
  readonly origins: readonly string[];
  /** Who may read payloads. Development binds to loopback and lets everybody on this machine in. */
  readonly authorize: (request: IncomingMessage) => Promise<boolean>;
  readonly log: Logger;
}

const maxBody = 4 * 1024 * 1024;

/**
 * Lets the Temporal UI show payloads: `POST /decode` and `POST /encode` with Temporal's JSON payloads. Fields named
 * `code` (an officer's one-time code) are shown as •••, here and nowhere else: workflows read them as they are.
 */
export function createCodecHandler({ codec, origins, authorize, log }: CodecServerOptions): RequestListener {
  const actions: Readonly<Record<string, (payloads: Payload[]) => Promise<Payload[]>>> = {
    '/encode': (payloads) => codec.encode(payloads),
    '/decode': async (payloads) => (await codec.decode(payloads)).map(hideCodes),
  };

  async function answer(request: IncomingMessage): Promise<readonly [status: number, body?: string]> {
    if (request.method === 'OPTIONS') return [204];
    const action = actions[new URL(request.url ?? '/', 'http://localhost').pathname];
    if (action === undefined || request.method !== 'POST') return [404];
    if (!(await authorize(request))) return [401];
    const body = await readBody(request);
    if (body === undefined) return [413];
    // The CLI leaves the list out when there is nothing in it.
    const { payloads = [] } = JSON.parse(body) as { payloads?: JSONPayload[] };
    const results = await action(payloads.map(JSONToPayload));
    return [200, JSON.stringify({ payloads: results.map(payloadToJSON) })];
  }

  return (request, response) => {
    allowOrigin(request, response, origins);
    answer(request).then(
      ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      (err: unknown) => {
        log.warn({ err, component: 'codec-server' }, 'Could not answer the Temporal UI');
        response.writeHead(400).end();
      },
    );
  };
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  const { origin } = request.headers;
  response.setHeader('vary', 'origin');
  if (origin === undefined || !origins.includes(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', 'authorization, content-type, x-namespace');
  response.setHeader('access-control-allow-credentials', 'true');
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function hideCodes(payload: Payload): Payload {
  const encoding = Buffer.from(payload.metadata?.['encoding'] ?? []).toString();
  if (encoding !== 'json/plain' || !payload.data) return payload;
  const value: unknown = JSON.parse(Buffer.from(payload.data).toString());
  const shown = JSON.stringify(value, (name, held: unknown) => (name === 'code' ? '•••' : held));
  return { ...payload, data: Buffer.from(shown) };
}
