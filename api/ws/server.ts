import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Logger } from '../../platform/log.ts';
import { inTrace, type Metrics } from '../../platform/telemetry.ts';
import { addressOf } from '../rest/visitor.ts';
import { type Connection, type ConnectionDeps, type ConnectionLimits, createConnection } from './connection.ts';

export interface WebSocketDeps extends Omit<ConnectionDeps, 'limits' | 'onFault'> {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly trustedProxies: ReadonlySet<string>;
  readonly limits?: Partial<ConnectionLimits>;
  readonly recheckMs?: number;
}

export interface WebSocketDoor {
  /** Tells every client that the server stops, and waits up to `graceMs` for them to leave. */
  close(graceMs?: number): Promise<void>;
}

const defaults: ConnectionLimits = { channels: 64, unsentBytes: 1024 * 1024, messages: 200 };
const largestMessage = 16 * 1024;
const pingMs = 30_000;

/** Serves the WebSocket at `/ws` of an HTTP server. The token in an address is never logged. */
export function attachWebSocket(server: Server, deps: WebSocketDeps): WebSocketDoor {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  const connections = new Map<WebSocket, { readonly connection: Connection; alive: boolean }>();
  const active = deps.metrics.gauge('websocket_connections', 'Open WebSocket connections');
  const limits = { ...defaults, ...deps.limits };
  const onFault = (err: unknown): void => deps.log.error({ err }, 'A WebSocket message failed');

  function accept(socket: WebSocket, request: IncomingMessage, token: string | null, traceId: string): void {
    const userAgent = request.headers['user-agent']?.slice(0, 512);
    const ipAddress = addressOf(request, deps.trustedProxies);
    const origin = { traceId, ipAddress, ...(userAgent === undefined ? {} : { userAgent }) };
    const connection = createConnection(socket, origin, { ...deps, limits, onFault });
    const entry = { connection, alive: true };
    connections.set(socket, entry);
    active.inc();
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) socket.close(1003, 'text only');
      else connection.receive(data.toString());
    });
    socket.on('pong', () => {
      entry.alive = true;
    });
    socket.on('error', () => undefined); // It closes, which is all there is to do about it.
    socket.on('close', () => {
      connection.end();
      connections.delete(socket);
      active.dec();
    });
    if (token !== null) connection.signIn(token);
  }

  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== '/ws') {
      raw.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    void inTrace('websocket', request.headers, async (traceId) => {
      sockets.handleUpgrade(request, raw, head, (socket) => {
        accept(socket, request, url.searchParams.get('token'), traceId);
      });
    });
  });

  const recheck = setInterval(() => {
    for (const { connection } of connections.values()) void connection.recheck();
  }, deps.recheckMs ?? 3_000);
  const ping = setInterval(() => {
    for (const [socket, entry] of connections) {
      if (!entry.alive) socket.terminate();
      entry.alive = false;
      socket.ping();
    }
  }, pingMs);

  return {
    async close(graceMs = 2_000) {
      clearInterval(recheck);
      clearInterval(ping);
      for (const { connection } of connections.values()) connection.shutDown(Math.ceil(graceMs / 1000));
      const deadline = performance.now() + graceMs;
      while (connections.size > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const socket of connections.keys()) socket.terminate();
      sockets.close();
    },
  };
}
