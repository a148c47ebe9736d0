import { createServer, type Server } from 'node:http';
import cors from '@koa/cors';
import type Router from '@koa/router';
import Koa from 'koa';
import helmet from 'koa-helmet';
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
  readonly requestTimeoutMs: number;
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
  const server = createServer(
    { requestTimeout: deps.requestTimeoutMs, headersTimeout: 10_000 },
    (request, response) => {
      void handle(request, response);
    },
  );
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
  return server;
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

/** Listens, and resolves to the port that was taken. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

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
