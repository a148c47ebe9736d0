import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export type RequestOperation = 'reserve' | 'release' | 'settle_trade';

/** A request as its caller named it. */
export interface RequestId {
  readonly operation: RequestOperation;
  /** A UUID of the caller's. */
  readonly key: string;
}

export interface KnownRequest {
  readonly contentHash: string;
  readonly answer: object | undefined;
  /** The code of a refusal that is repeated for 24 hours. */
  readonly refusal: string | undefined;
}

interface RequestRow {
  readonly content_hash: string;
  readonly answer: object | null;
  readonly refusal: string | null;
}

const refusalsLastMs = 24 * 3_600_000;

const sql = {
  open: sqlFile('open-request.sql', import.meta.url),
  find: sqlFile('find-request.sql', import.meta.url),
  answer: sqlFile('answer-request.sql', import.meta.url),
};

/** Notes a request and answers true, or false when it is known. A rival being noted is waited for. */
export async function openRequest(
  tx: Db,
  request: RequestId & { readonly contentHash: string },
  at: Date,
): Promise<boolean> {
  const refusalsSince = new Date(at.getTime() - refusalsLastMs);
  return (await tx.oneOrNone(sql.open, { ...request, at, refusalsSince })) !== null;
}

export async function findRequest(db: Db, id: RequestId): Promise<KnownRequest | undefined> {
  const row = await db.oneOrNone<RequestRow>(sql.find, id);
  if (row === null) return undefined;
  return { contentHash: row.content_hash, answer: row.answer ?? undefined, refusal: row.refusal ?? undefined };
}

/** Keeps what was answered, or the code it was refused with, in the transaction that noted the request. */
export async function answerRequest(tx: Db, id: RequestId, outcome: object | string): Promise<void> {
  const [answer, refusal] = typeof outcome === 'string' ? [null, outcome] : [JSON.stringify(outcome), null];
  await tx.none(sql.answer, { ...id, answer, refusal });
}
