import { createServer } from 'node:net';

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

/** The wanted port when nothing listens on it, otherwise a free one. 0 asks for any free one. */
export async function freePort(wanted: number): Promise<number> {
  const port = (await tryPort(wanted)) ?? (await tryPort(0));
  if (port === undefined) throw new Error('No free port on 127.0.0.1.');
  return port;
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

/** Where each part of a system on this machine listens. */
export type Ports = Readonly<Record<keyof typeof defaults, number>>;

/** The default ports, or those the environment names; a free one in place of each that is taken. */
export async function choosePorts(): Promise<Ports> {
  const chosen: [string, number][] = [];
  for (const [part, [variable, port]] of Object.entries(defaults)) {
    chosen.push([part, await freePort(Number(process.env[variable] ?? port))]);
  }
  return Object.fromEntries(chosen) as Ports;
}
