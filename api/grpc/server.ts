import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { createMessages } from './messages.ts';
import type { ServiceTable } from './method.ts';
import { loadProtos, serviceIn } from './protos.ts';
import { createReflection } from './reflection.ts';
import { type Route, serveUnary, type ServeDeps } from './serve.ts';
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
    'grpc.max_concurrent_streams': 1_000,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
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
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, taken) => {
          if (error === null) resolve(taken);
          else reject(error);
        });
      }),
    async close(graceMs = 5_000) {
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
