import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What is not ready, by name; nothing when the process is. */
  readonly notReady: () => readonly string[];
  /** The process' metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/health`, `/health/live`, `/health/ready` and `/metrics` of a process that has no other door. Not for the public.
 */
export async function startHealthServer({ host, port, notReady, metrics }: HealthServerOptions): Promise<HealthServer> {
  const pages: Readonly<Record<string, () => Promise<readonly [status: number, type: string, body: string]>>> = {
    '/health': async () => [200, 'application/json', '{"status":"ok"}'],
    '/health/live': async () => [200, 'application/json', '{"status":"ok"}'],
    '/health/ready': async () => {
      const waiting = notReady();
      const report = { status: waiting.length === 0 ? 'ready' : 'unready', waiting };
      return [waiting.length === 0 ? 200 : 503, 'application/json', JSON.stringify(report)];
    },
    '/metrics': async () => [200, 'text/plain; version=0.0.4; charset=utf-8', await metrics()],
  };
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''] ?? (async () => [404, 'application/json', '{}'] as const);
    page().then(
      ([status, type, body]) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
