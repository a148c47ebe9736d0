import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** A line of the audit log and the hash of all its columns. */
export interface Line {
  readonly id: string;
  readonly rowHash: Buffer;
}

export interface Link {
  readonly seq: bigint;
  readonly auditId: string;
  readonly rowHash: Buffer;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

/** A link beside the present hash of its line: undefined when the line is gone. */
export interface CheckedLink extends Link {
  readonly lineHash: Buffer | undefined;
}

interface LinkRow {
  readonly seq: string;
  readonly audit_id: string;
  readonly row_hash: Buffer;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
  readonly line_hash: Buffer | null;
}

const sql = {
  unlinked: sqlFile('unlinked-lines.sql', import.meta.url),
  newest: sqlFile('newest-link.sql', import.meta.url),
  add: sqlFile('add-links.sql', import.meta.url),
  read: sqlFile('read-links.sql', import.meta.url),
};

/** The oldest lines without a link; `slackMs` is longer than any transaction lasts. */
export async function unlinkedLines(db: Db, slackMs: number, limit: number): Promise<readonly Line[]> {
  const rows = await db.manyOrNone<{ id: string; row_hash: Buffer }>(sql.unlinked, { slackMs, limit });
  return rows.map(({ id, row_hash: rowHash }) => ({ id, rowHash }));
}

/** The end of the chain. */
export async function newestLink(db: Db): Promise<{ readonly seq: bigint; readonly hash: Buffer } | undefined> {
  const row = await db.oneOrNone<{ seq: string; hash: Buffer }>(sql.newest);
  return row === null ? undefined : { seq: BigInt(row.seq), hash: row.hash };
}

/** Adds links; fails when another chainer was faster. */
export async function addLinks(db: Db, links: readonly Link[]): Promise<void> {
  await db.none(sql.add, {
    seqs: links.map(({ seq }) => seq),
    auditIds: links.map(({ auditId }) => auditId),
    rowHashes: links.map(({ rowHash }) => rowHash),
    previousHashes: links.map(({ previousHash }) => previousHash),
    hashes: links.map(({ hash }) => hash),
  });
}

/** A page of the chain, in order, with the lines as they are now. */
export async function readLinks(db: Db, after: bigint, limit: number): Promise<readonly CheckedLink[]> {
  const rows = await db.manyOrNone<LinkRow>(sql.read, { after, limit });
  return rows.map((row) => ({
    seq: BigInt(row.seq),
    auditId: row.audit_id,
    rowHash: row.row_hash,
    previousHash: row.previous_hash,
    hash: row.hash,
    lineHash: row.line_hash ?? undefined,
  }));
}
