import { createServer, type IncomingMessage, type Server } from 'node:http';
import cors from '@koa/cors';
import type Router from '@koa/router';
import Koa from 'koa';
import helmet from 'koa-helmet';
import type { LoadLimit } from '../load-limit.ts';
import { createShedding, isSpared } from './shedding.ts';
import { DomainError } from '../../domain/errors.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { pause } from '../../platform/wait.ts';
import type { Middleware, State } from './call.ts';
import { type HttpMetrics, observe } from './middleware/observe.ts';
import { problems } from './middleware/problem.ts';

export interface RestServerDeps {
  readonly routers: readonly Router<State>[];
  readonly log: Logger;
  readonly newId: NewId;
  readonly metrics: HttpMetrics;
  readonly corsOrigins: readonly string[];
  readonly limits: ConnectionLimits;
  readonly load: LoadLimit;
}

export interface ConnectionLimits {
  /** Milliseconds for a request, for its headers, and without one. */
  readonly requestTimeout: number;
  readonly headersTimeout: number;
  readonly idleTimeout: number;
  /** Connections beyond this are closed at once. */
  readonly maxConnections: number;
}

/** Builds one HTTP door from its routers. It listens when the caller says so. */
export function createRestServer(deps: RestServerDeps): Server {
  const app = new Koa<State>();
  app.use(observe(deps));
  app.use(helmet(pageSecurity));
  app.use(problems(deps.log));
  app.use(cors({ origin: (ctx) => allowedOrigin(deps.corsOrigins, ctx.get('origin')), keepHeadersOnError: true }));
  for (const router of deps.routers) app.use(router.routes());
  app.use(refuseOtherMethods(deps.routers));
  const handle = app.callback();
  const { requestTimeout, headersTimeout, idleTimeout, maxConnections } = deps.limits;
  const shed = createShedding(deps);
  const server = createServer(
    { requestTimeout, headersTimeout, keepAliveTimeout: idleTimeout, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      response.once('finish', () => endUnread(request));
      if (deps.load.isFull && !isSpared(request)) shed(request, response);
      else void handle(request, response);
    },
  );
  server.maxConnections = maxConnections;
  server.maxHeadersCount = 100;
  server.on('drop', () => deps.metrics.dropped.inc());
  return server;
}

const worthReading = 1024 * 1024;
const lingerMs = 500;

/**
 * Of a request that was answered before all of it came, a short rest is read, so that the connection can be used again.
 * A long one is not, or an endless one: the caller gets a moment to read the answer, which closing at once could take
 * away, and nothing more is taken in.
 */
function endUnread(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  request.resume();
  // Reading has begun by then, here and in Node itself.
  if (!(Number(request.headers['content-length']) <= worthReading)) setImmediate(() => socket.pause());
  setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, lingerMs).unref();
}

/** Swagger UI styles itself inline; everything else of helmet's defaults stays. */
const pageSecurity = {
  contentSecurityPolicy: {
    directives: { 'style-src': ["'self'", "'unsafe-inline'"], 'upgrade-insecure-requests': null },
  },
};

/** An empty answer makes @koa/cors send no header at all, which is how a browser learns that it may not. */
const allowedOrigin = (allowed: readonly string[], origin: string): string => (allowed.includes(origin) ? origin : '');

/** A known path asked by another method is 405 with Allow; @koa/router's own answer would be 501 for some methods. */
const refuseOtherMethods =
  (routers: readonly Router<State>[]): Middleware =>
  async (ctx, next) => {
    const layers = routers.flatMap((router) => router.match(ctx.path, ctx.method).path);
    const fixed = layers.filter(({ paramNames }) => paramNames.length === 0);
    const allowed = (fixed.length > 0 ? fixed : layers).flatMap(({ methods }) => methods);
    if (allowed.length === 0 || ctx.body !== undefined) {
      await next();
      return;
    }
    ctx.set('Allow', [...new Set(allowed)].sort().join(', '));
    throw new DomainError('METHOD_NOT_ALLOWED', 'Use one of the methods in the Allow header.');
  };

/**
 * Lets callers go: for `ms` milliseconds the servers go on and each answer is the last of its connection, so that
 * balancers hear that we are not ready, and no request is on its way to a connection that is closed.
 */
export async function drain(servers: readonly Server[], ms: number): Promise<void> {
  for (const server of servers) {
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  }
  await pause(ms);
}

/** Stops taking connections, lets requests in flight finish, closes connections as they fall idle. */
export function closeServer(server: Server): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  return new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  }).finally(() => clearInterval(idle));
}
