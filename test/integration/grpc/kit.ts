import { createHash, timingSafeEqual } from 'node:crypto';
import { type Client, credentials, makeClientConstructor, Metadata, type ServiceError } from '@grpc/grpc-js';
import { createGrpcMetrics } from '../../../api/grpc/metrics.ts';
import type { ServiceTable } from '../../../api/grpc/method.ts';
import { loadProtos, serviceIn } from '../../../api/grpc/protos.ts';
import { createGrpcServer, type GrpcServer, type GrpcServerDeps } from '../../../api/grpc/server.ts';
import type { LimitRules } from '../../../api/admission.ts';
import { createLoadLimit } from '../../../api/load-limit.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';

export const serviceToken = 'service-token-for-these-tests-alone';

const rule = (name: string) => ({ name, limit: 1_000, windowSeconds: 60 });
const rules: LimitRules = {
  enabled: false,
  anonymous: rule('anonymous'),
  general: rule('general'),
  orders: rule('orders'),
  cancels: rule('cancels'),
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A gRPC door over these services on a free port, without limits. `close` it at the end. */
export async function openGrpc(
  services: ServiceTable,
  deps: Pick<GrpcServerDeps, 'authenticate'> & Partial<GrpcServerDeps>,
): Promise<{ readonly server: GrpcServer; readonly address: string }> {
  const server = createGrpcServer({
    services,
    reflection: true,
    isServiceToken: (token) => timingSafeEqual(digest(token), digest(serviceToken)),
    limiter: { take: () => Promise.reject(new Error('The limits are off')) },
    rules,
    requireRightTime: () => undefined,
    load: createLoadLimit(500),
    idempotency: { once: (_request, run) => run() },
    metrics: createGrpcMetrics(createMetrics()),
    log: silentLogger,
    limits: { requestTimeout: 5_000, idleTimeout: 60_000, maxConnections: 1_000 },
    ...deps,
  });
  return { server, address: `127.0.0.1:${await server.listen(0, '127.0.0.1')}` };
}

const protos = loadProtos();

export type Rpc = Client & Record<string, (...given: unknown[]) => unknown>;

/** A client of one service. `close` it at the end. */
export const connect = (address: string, service: string): Rpc => {
  const made = makeClientConstructor(serviceIn(protos, service), service);
  return new made(address, credentials.createInsecure()) as unknown as Rpc;
};

export const withMetadata = (values: Readonly<Record<string, string>>): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  return metadata;
};

export const withToken = (token: string): Metadata => withMetadata({ authorization: `Bearer ${token}` });

/** Calls a unary RPC. Rejects with the ServiceError. */
export const invoke = (client: Rpc, rpc: string, message: object, metadata = new Metadata()) =>
  new Promise<Record<string, unknown>>((resolve, reject) => {
    client[rpc]!(message, metadata, (error: ServiceError | null, reply: Record<string, unknown>) => {
      if (error === null) resolve(reply);
      else reject(error);
    });
  });

/** The refusal a call ends with: its status, its code and its problem document. */
export async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => Promise.reject(new Error('The call was not refused')),
    (failed: unknown) => failed as ServiceError,
  );
  return { status: error.code, code: error.metadata.get('error-code')[0], problem: problemIn(error) };
}

export function problemIn(error: ServiceError): Record<string, unknown> {
  const [bytes] = error.metadata.get('problem-bin');
  return JSON.parse(bytes === undefined ? '{}' : bytes.toString()) as Record<string, unknown>;
}
