import { createServer } from 'node:net';
import { SetUpError } from './progress.ts';

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

/** From here on the operating system gives ports to connections: one may be gone before its server starts. */
const firstOfConnections = 32_768;
/** A taken 8080 becomes 18080 or 28080: easy to recognise. */
const steps = [10_000, 20_000];

/** The wanted port when nothing listens on it, otherwise a free one; 0 asks for any. `except` is never chosen. */
export async function freePort(wanted: number, except: ReadonlySet<number> = new Set()): Promise<number> {
  const near = wanted === 0 ? [] : steps.map((step) => wanted + step).filter((port) => port < firstOfConnections);
  for (const candidate of [wanted, ...near, 0]) {
    const port = except.has(candidate) ? undefined : await tryPort(candidate);
    if (port !== undefined && !except.has(port)) return port;
  }
  throw new Error('No free port on 127.0.0.1.');
}

const defaults = {
  postgres: ['DB_PORT', 5432],
  redis: ['REDIS_PORT', 6379],
  temporal: ['TEMPORAL_PORT', 7233],
  temporalUi: ['TEMPORAL_UI_PORT', 8233],
  codec: ['TEMPORAL_CODEC_PORT', 8082],
  rest: ['SERVER_PORT', 8080],
  admin: ['ADMIN_PORT', 8081],
  grpc: ['GRPC_PORT', 9090],
  smtp: ['SMTP_PORT', 1025],
  inbox: ['MAIL_INBOX_PORT', 8025],
  custody: ['CUSTODY_PORT', 8027],
  matcher: ['MATCHER_METRICS_PORT', 9101],
  workers: ['WORKERS_METRICS_PORT', 9102],
} as const;

export type Part = keyof typeof defaults;

/** Where each part of a system on this machine listens. */
export type Ports = Readonly<Record<Part, number>>;

/**
 * A port for each part: the one the environment names, or else its default, or a free one when that is taken.
 * `isOurs` says which parts this process starts. Throws a SetUpError that names every port which the environment fixes
 * for one of them and which is no port, given twice or taken: what somebody asked for is not replaced.
 */
export async function choosePorts(
  env: Readonly<Record<string, string | undefined>>,
  isOurs: (part: Part) => boolean = () => true,
): Promise<Ports> {
  const parts = Object.entries(defaults) as [Part, (typeof defaults)[Part]][];
  const chosen = new Map<Part, number>();
  const used = new Set<number>();
  const faults: string[] = [];
  const use = (part: Part, port: number): void => {
    chosen.set(part, port);
    used.add(port);
  };
  for (const [part, [variable]] of parts) {
    const fixed = env[variable];
    if (fixed === undefined || fixed === '') continue;
    const port = Number(fixed);
    const fault = isOurs(part) ? await findFault(port, used) : undefined;
    if (fault !== undefined) faults.push(`${variable}=${fixed} ${fault}`);
    else use(part, port === 0 ? await freePort(0, used) : port);
  }
  if (faults.length > 0) {
    throw new SetUpError(`${faults.join('\n')}\nGive another port, or leave it out: then a free one is chosen.`);
  }
  for (const [part, [, port]] of parts) if (!chosen.has(part)) use(part, await freePort(port, used));
  return Object.fromEntries(chosen) as Ports;
}

async function findFault(port: number, used: ReadonlySet<number>): Promise<string | undefined> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return 'is no port.';
  if (used.has(port)) return 'is given to two parts.';
  if ((await tryPort(port)) === undefined) return 'is taken by another process, or needs more rights.';
  return undefined;
}
