import { createHash } from 'node:crypto';
import { DomainError, invariant } from '../../domain/errors.ts';
import type { Database, Db } from '../../storage/db.ts';
import { answerRequest, findRequest, openRequest, type RequestId } from '../../storage/ledger/requests.ts';

/** The one lasting refusal: what moved no money now must not do so when it comes again after a deposit. */
export const noFunds = 'INSUFFICIENT_FUNDS';

export interface OnceRequest extends RequestId {
  /** What the request says, with decimals in their shortest spelling. */
  readonly content: readonly (string | undefined)[];
}

/**
 * Runs a request once for its id, in one transaction with its answer. The same id and content get the first answer,
 * also a refusal for want of funds (for 24 hours); other content is IDEMPOTENCY_CONFLICT. What `run` throws keeps
 * nothing.
 */
export async function once<A extends object>(
  db: Database,
  { content, ...id }: OnceRequest,
  at: Date,
  run: (tx: Db) => Promise<A | typeof noFunds>,
): Promise<A> {
  const contentHash = createHash('sha256').update(JSON.stringify(content)).digest('base64url');
  const outcome = await db.tx(`ledger-${id.operation}`, async (tx) => {
    if (!(await openRequest(tx, { ...id, contentHash }, at))) return earlier<A>(tx, id, contentHash);
    const result = await run(tx);
    await answerRequest(tx, id, result);
    return result;
  });
  if (outcome === noFunds) throw new DomainError(noFunds, 'The available balance is too small.');
  return outcome;
}

async function earlier<A extends object>(tx: Db, id: RequestId, contentHash: string): Promise<A | typeof noFunds> {
  const known = await findRequest(tx, id);
  invariant(known !== undefined, 'a noted request stays');
  if (known.contentHash !== contentHash) {
    throw new DomainError('IDEMPOTENCY_CONFLICT', 'This id was used for a different request. Use a new id.');
  }
  if (known.refusal !== undefined) return noFunds;
  invariant(known.answer !== undefined, 'a request and its answer are committed together');
  // Written by the same operation, and by nobody else.
  return known.answer as A;
}
