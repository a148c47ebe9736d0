import { createHash } from 'node:crypto';
import { pause } from '../platform/wait.ts';
import { addLinks, type CheckedLink, type Link, newestLink, readLinks, unlinkedLines } from '../storage/audit/chain.ts';
import type { Database } from '../storage/db.ts';

export interface AuditVerdict {
  /** How many links were checked. */
  readonly links: bigint;
  /** The first link that does not hold, and why; undefined when the chain holds. */
  readonly firstBad: { readonly seq: bigint; readonly auditId: string; readonly why: string } | undefined;
}

export interface AuditService {
  /** Links lines of the audit log that are committed and not linked yet; answers how many. Only one process may. */
  chainOnce(): Promise<number>;
  /** Links new lines within a second until `over`: work for a lease. */
  chainUntil(over: AbortSignal): Promise<void>;
  /** Reads the whole chain and every line it proves. Changes nothing. */
  verify(): Promise<AuditVerdict>;
}

const batch = 1_000;
const pageSize = 5_000;
const idleMs = 500;
/** No transaction lasts this long, so no line appears this far behind the newest link. */
const slackMs = 3_600_000;
const start = Buffer.alloc(32);

/** Proves that the audit log is complete and unchanged: each link holds the hash of a line and of the link before. */
export function createAuditService({ db }: { readonly db: Database }): AuditService {
  const chainOnce = (): Promise<number> =>
    db.tx('audit-chain', async (tx) => {
      const lines = await unlinkedLines(tx, slackMs, batch);
      if (lines.length === 0) return 0;
      const links: Link[] = [];
      let { seq, hash: previousHash } = (await newestLink(tx)) ?? { seq: 0n, hash: start };
      for (const { id: auditId, rowHash } of lines) {
        seq += 1n;
        const hash = linkHash({ seq, auditId, rowHash, previousHash });
        links.push({ seq, auditId, rowHash, previousHash, hash });
        previousHash = hash;
      }
      await addLinks(tx, links);
      return links.length;
    });

  return {
    chainOnce,
    async chainUntil(over) {
      while (!over.aborted) {
        if ((await chainOnce()) < batch) await pause(idleMs, over);
      }
    },
    async verify() {
      let last: Pick<Link, 'seq' | 'hash'> = { seq: 0n, hash: start };
      for (;;) {
        const page = await readLinks(db, last.seq, pageSize);
        for (const link of page) {
          const why = faultOf(link, last);
          if (why !== undefined) return { links: last.seq, firstBad: { seq: link.seq, auditId: link.auditId, why } };
          last = link;
        }
        if (page.length < pageSize) return { links: last.seq, firstBad: undefined };
      }
    },
  };
}

/** SHA-256 over everything a link says. */
const linkHash = ({ seq, auditId, rowHash, previousHash }: Omit<Link, 'hash'>): Buffer =>
  createHash('sha256').update(`${seq}\n${auditId}\n`).update(rowHash).update(previousHash).digest();

function faultOf(link: CheckedLink, last: Pick<Link, 'seq' | 'hash'>): string | undefined {
  if (link.seq !== last.seq + 1n) return `link ${last.seq + 1n} is missing`;
  if (!link.previousHash.equals(last.hash)) return 'it does not follow from the link before';
  if (!link.hash.equals(linkHash(link))) return 'the link was changed';
  if (link.lineHash === undefined) return 'its line is gone';
  return link.lineHash.equals(link.rowHash) ? undefined : 'its line was changed';
}
