import { createServer } from 'node:net';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { listen } from '../listen.ts';
import { createMessages } from './messages.ts';
import type { ServiceTable } from './method.ts';
import { loadProtos, serviceIn } from './protos.ts';
import { createReflection } from './reflection.ts';
import { type Route, serveUnary, type ServeDeps } from './serve.ts';
import { limitRequests } from './request-limits.ts';
import { serveStream } from './stream.ts';

export interface GrpcServerDeps extends Omit<ServeDeps, 'messages'> {
  readonly services: ServiceTable;
  /** Lets clients ask what there is: not where the public could. */
  readonly reflection: boolean;
  readonly recheckMs?: number;
  readonly maxWaiting?: number;
}

export interface GrpcServer {
  /** Listens, and resolves to the port that was taken. */
  listen(port: number, host: string): Promise<number>;
  /** Says NOT_SERVING, ends streams with UNAVAILABLE, lets calls in flight finish for `graceMs` at most. */
  close(graceMs?: number): Promise<void>;
}

const largestRequest = 100 * 1024;
/** Calls at once on one connection, each of which may hold a request of the largest size on its way. */
const mostStreams = 200;

/** Builds the gRPC door: the same operations as REST, from the same table of schemas and handlers. */
export function createGrpcServer(given: GrpcServerDeps): GrpcServer {
  const protos = loadProtos();
  const stopping = new AbortController();
  const deps = {
    ...given,
    messages: createMessages(protos),
    stopping: stopping.signal,
    recheckMs: given.recheckMs ?? 3_000,
    maxWaiting: given.maxWaiting ?? 500,
  };
  const server = new Server({
    'grpc.max_receive_message_length': largestRequest,
    'grpc.max_concurrent_streams': mostStreams,
    'grpc.max_connection_idle_ms': given.limits.idleTimeout,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    interceptors: [limitRequests(given.limits.requestTimeout)],
  });
  const names = Object.keys(given.services);
  const health = new HealthImplementation(
    Object.fromEntries(['', ...names.map(fullName)].map((name) => [name, 'SERVING'])),
  );
  health.addToServer(server);
  if (given.reflection) createReflection(protos).addToServer(server);
  for (const name of names) {
    const definition = serviceIn(protos, name);
    const implementation: UntypedServiceImplementation = {};
    for (const [rpc, method] of Object.entries(given.services[name] ?? {})) {
      const route = routeOf(name, rpc, definition[rpc]);
      implementation[rpc] =
        method.kind === 'unary' ? serveUnary(route, method, deps) : serveStream(route, method, deps);
    }
    server.addService(definition, implementation);
  }
  // grpc-js would listen for itself, for any number of connections.
  const sessions = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer({ noDelay: true }, (socket) => sessions.injectConnection(socket));
  listener.maxConnections = given.limits.maxConnections;
  listener.on('drop', () => given.metrics.dropped());
  return {
    listen: (port, host) => listen(listener, port, host),
    async close(graceMs = 5_000) {
      listener.close();
      for (const name of ['', ...names.map(fullName)]) health.setStatus(name, 'NOT_SERVING');
      stopping.abort();
      const shut = Promise.withResolvers<undefined>();
      server.tryShutdown(() => shut.resolve(undefined));
      const timer = setTimeout(() => {
        server.forceShutdown();
        shut.resolve(undefined);
      }, graceMs);
      await shut.promise;
      clearTimeout(timer);
    },
  };
}

const fullName = (service: string): string => `pandora.v1.${service}`;

function routeOf(service: string, rpc: string, definition: object | undefined): Route {
  const { requestType, responseType } = (definition ?? {}) as {
    requestType?: { type: { name: string } };
    responseType?: { type: { name: string } };
  };
  if (requestType === undefined || responseType === undefined) {
    throw new Error(`${service}.${rpc} is not in the proto package`);
  }
  return { name: `${service}.${rpc}`, request: requestType.type.name, response: responseType.type.name };
}
