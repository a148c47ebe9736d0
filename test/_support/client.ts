import { Agent, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
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
  const { hostname, port, pathname } = new URL(base);
  const prefix = pathname.replace(/\/$/, '');
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' });
  return {
    close: () => agent.destroy(),
    send: ({ method, path, token, body, headers = {} }) => {
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      const content = body === undefined ? undefined : JSON.stringify(body);
      const asked = request({
        hostname,
        port,
        agent,
        method,
        path: prefix + path,
        timeout: timeoutMs,
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(content === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
        },
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.on('error', reject);
      asked.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        // A server that dies while it answers: `end` does not come.
        response.on('close', () => reject(new Error('the answer broke off')));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          try {
            const parsed = JSON.parse(text === '' ? '{}' : text) as Reply['body'];
            resolve({ status: response.statusCode ?? 0, body: parsed });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      });
      asked.end(content);
      return promise;
    },
  };
}
