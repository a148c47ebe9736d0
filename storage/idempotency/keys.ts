import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  claim: sqlFile('claim-key.sql', import.meta.url),
  find: sqlFile('find-key.sql', import.meta.url),
  answer: sqlFile('answer-key.sql', import.meta.url),
  forget: sqlFile('forget-key.sql', import.meta.url),
};

export interface KeyRequest {
  /** Who asks: keys of different callers never meet. */
  readonly caller: string;
  readonly key: string;
  readonly operation: string;
  readonly contentHash: string;
  /** False: the same request may run beside the first. */
  readonly exclusive: boolean;
}

/** What stands under a key already. */
export interface KnownRequest {
  readonly operation: string;
  readonly contentHash: string;
  /** Undefined while the first request still runs. */
  readonly answer: StoredAnswer | undefined;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Row {
  readonly operation: string;
  readonly content_hash: string;
  readonly status: number | null;
  readonly body: unknown;
}

/** Claims a key under `claim` (an id of the caller's): undefined when that worked, else what stands there already. */
export async function claimKey(
  db: Db,
  request: KeyRequest,
  claim: string,
  now: Date,
): Promise<KnownRequest | undefined> {
  const claimed = await db.oneOrNone<object>(sql.claim, { ...request, claim, now });
  if (claimed !== null) return undefined;
  const { caller, key } = request;
  const row = await db.one<Row>(sql.find, { caller, key });
  return {
    operation: row.operation,
    contentHash: row.content_hash,
    answer: row.status === null ? undefined : { status: row.status, body: row.body },
  };
}

/** Keeps a claimed request's answer for its retries. */
export async function answerKey(db: Db, request: KeyRequest, claim: string, answer: StoredAnswer): Promise<void> {
  const body = answer.body === undefined ? null : JSON.stringify(answer.body);
  await db.none(sql.answer, { caller: request.caller, key: request.key, claim, status: answer.status, body });
}

/** Gives a claim up. */
export async function forgetKey(db: Db, request: KeyRequest, claim: string): Promise<void> {
  await db.none(sql.forget, { caller: request.caller, key: request.key, claim });
}
