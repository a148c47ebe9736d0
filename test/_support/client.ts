import { Pool } from 'undici';

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the base URL. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends many requests over kept connections, for a fraction of what `fetch` costs. */
export interface Client {
  /** Rejects when there was no whole answer: whatever was asked may have happened. */
  readonly send: (call: Call) => Promise<Reply>;
  readonly close: () => void;
}

/** A client of one HTTP server, with as many connections as calls at once, up to a limit. */
export function createClient(base: string, { connections = 256, timeoutMs = 10_000 } = {}): Client {
  const { origin, pathname } = new URL(base);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  return {
    close: () => void pool.destroy(),
    async send({ method, path, token, body, headers = {} }) {
      const answer = await pool.request({
        method,
        path: prefix + path,
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: JSON.parse(text === '' ? '{}' : text) as Reply['body'] };
    },
  };
}
