import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { MailGateway } from '../gateways/mail/mail.ts';
import { createSmtpGateway } from '../gateways/mail/smtp.ts';
import { systemClock } from '../platform/clock.ts';
import { type Config, databaseUrl } from '../platform/config/config.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { Logger } from '../platform/log.ts';
import { createMetrics, type Metrics } from '../platform/telemetry.ts';
import { watchClock } from '../services/clock-watch.ts';
import { createExchange, type Exchange } from '../services/exchange.ts';
import { openConnections } from '../storage/connections.ts';
import { type Database, openDatabase } from '../storage/db.ts';

/** What the parts of a worker process are wired from. */
export interface WorkerParts {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  /** For what reads all the books: its statements may take long. */
  readonly books: Database;
  readonly redis: Redis;
  readonly exchange: Exchange;
  readonly mail: MailGateway;
  readonly metrics: Metrics;
  /** Names this process wherever one of several may hold something. */
  readonly holder: string;
}

/** As long as the activities that read all the books may take. */
const longestReadMs = 3_600_000;

/** Opens a worker process' connections, and says how they are closed. */
export async function openParts(name: string, config: Config, log: Logger, lifecycle: Lifecycle): Promise<WorkerParts> {
  const { db, redis } = openConnections(name, config, log, lifecycle);
  const books = openDatabase({
    connectionString: databaseUrl(config),
    // The reconciler's two, and one for the proof of liabilities.
    poolSize: 3,
    applicationName: `${name}-books`,
    statementTimeoutMs: longestReadMs,
  });
  lifecycle.onStop('books', books.close);
  const mail = createSmtpGateway({ url: config.mail.smtpUrl.reveal(), from: config.mail.from });
  lifecycle.onStop('mail', async () => mail.close());
  const metrics = createMetrics();
  const clockWatch = watchClock({
    db,
    log,
    metrics,
    now: Date.now,
    // What is due would be early or late. The supervisor starts it anew, and it ends again until the clock is right.
    onWrong: () => process.exit(1),
  });
  lifecycle.onStop('clock watch', clockWatch.stop);
  const exchange = await createExchange({ config, log, clock: systemClock, db, redis });
  const holder = `${hostname()}:${process.pid}:${exchange.newId()}`;
  return { config, log, db, books: books.db, redis, exchange, mail, metrics, holder };
}
