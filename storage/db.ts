import type { EventEmitter } from 'node:events';
import pgPromise, { type IBaseProtocol, type IDatabase } from 'pg-promise';
import { DomainError } from '../domain/errors.ts';

/** A pool, a task or a transaction: the caller decides which, so that every query composes into one commit. */
export type Db = IBaseProtocol<unknown>;

/** A pool that can begin transactions: what services get. */
export type Database = IDatabase<unknown>;

export interface DatabaseOptions {
  readonly connectionString: string;
  readonly poolSize: number;
  readonly applicationName: string;
  readonly statementTimeoutMs: number;
}

/**
 * Opens a pool. Numerics and int8 arrive as strings, so no digit is lost on the way to bigint. Call `close` at the
 * end.
 */
export function openDatabase(options: DatabaseOptions): { readonly db: Database; readonly close: () => Promise<void> } {
  let dropIdle = (): void => undefined;
  const pgp = pgPromise({
    noWarnings: true,
    error(error: unknown, { client }: { readonly client?: unknown }) {
      if (!isUnanswered(error)) return;
      cut(client as Client);
      dropIdle();
    },
  });
  const db = pgp({
    connectionString: options.connectionString,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: options.statementTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  dropIdle = watchIdle(db.$pool);
  return { db, close: () => db.$pool.end() };
}

/** The driver's; it has the connection, of which its types say nothing. */
interface Client {
  readonly connection?: { readonly stream: { destroy(): unknown } };
}

/** The driver gives the query up, and would give its connection, still busy with it, to whoever comes next. */
const isUnanswered = (error: unknown): boolean => error instanceof Error && error.message === 'Query read timeout';

/** Ends a connection at once: one that does not answer would not answer a goodbye either. */
const cut = ({ connection }: Client): void => void connection?.stream.destroy();

/**
 * Answers what cuts a pool's idle connections. Where one does not answer the others are likely as dead, and each would
 * cost whoever gets it the whole time limit to find out.
 */
function watchIdle(pool: EventEmitter): () => void {
  const idle = new Set<Client>();
  pool.on('acquire', (client: Client) => idle.delete(client));
  pool.on('remove', (client: Client) => idle.delete(client));
  pool.on('release', (_error: unknown, client: Client) => idle.add(client));
  return () => idle.forEach(cut);
}

const { isolationLevel, TransactionMode } = pgPromise.txMode;

/** For reads that must agree with one another: all see the books as they were at the first. */
export const snapshot = new TransactionMode({ tiLevel: isolationLevel.repeatableRead, readOnly: true });

/** The same, for what is kept of such reads. */
export const keptSnapshot = new TransactionMode({ tiLevel: isolationLevel.repeatableRead });

/** Lost connections, a server starting or stopping, a full disk: PostgreSQL cannot serve now, and may later. */
const awayCodes = /^(08|53|57P0|58|XX000)/;
const awayErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);
/** What the driver says without a code: of a connection lost before, during and between queries. */
const awayMessages =
  /Connection terminated|is not queryable|timeout exceeded when trying to connect|Query read timeout/;

/** True when an error says that PostgreSQL is away, as opposed to refusing what was asked. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (awayCodes.test(code) || awayErrors.has(code))) return true;
  return awayMessages.test(error.message);
}

/** For the edges: turns “PostgreSQL is away” into UNAVAILABLE with a retry hint, and rethrows everything else. */
export function unavailableWhenAway(error: unknown): never {
  if (!isDatabaseAway(error)) throw error;
  throw new DomainError('UNAVAILABLE', 'The exchange cannot reach its books. Try again shortly.', { retryAfter: 1 });
}
