import { DomainError } from '../domain/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import type { Database } from '../storage/db.ts';
import {
  answerKey,
  claimKey,
  forgetKey,
  type KeyRequest,
  type KnownRequest,
  type StoredAnswer,
} from '../storage/idempotency/keys.ts';

export type { KeyRequest, StoredAnswer };

export interface IdempotencyService {
  /**
   * Runs a request once for its key. A repeat with the same content gets the first answer; other content or another
   * operation is IDEMPOTENCY_CONFLICT; a repeat while the first still runs is IDEMPOTENCY_IN_PROGRESS. `worthKeeping`
   * says whether an answer holds for retries: one that does not (the exchange was away) frees the key. A request that
   * is not `exclusive` is safe to run twice at once: its repeat waits for no first one.
   */
  once(
    request: KeyRequest,
    run: () => Promise<StoredAnswer>,
    worthKeeping: (answer: StoredAnswer) => boolean,
  ): Promise<StoredAnswer>;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  /** True when the caller used the key where it is not kept here: for an order. */
  readonly isUsedElsewhere: (caller: string, key: string) => Promise<boolean>;
}

/** The one store of Idempotency-Keys, for every door. */
export function createIdempotencyService({ db, clock, newId, isUsedElsewhere }: Deps): IdempotencyService {
  return {
    async once(request, run, worthKeeping) {
      const claim = newId();
      const known = await claimKey(db, request, claim, clock());
      if (known !== undefined) return earlierAnswer(known, request);
      try {
        if (await isUsedElsewhere(request.caller, request.key)) throw conflict();
        const answer = await run();
        if (worthKeeping(answer)) await answerKey(db, request, claim, answer);
        else await forgetKey(db, request, claim);
        return answer;
      } catch (error) {
        // Best effort: should PostgreSQL be away, the claim runs out by itself.
        await forgetKey(db, request, claim).catch(() => undefined);
        throw error;
      }
    },
  };
}

function earlierAnswer(known: KnownRequest, request: KeyRequest): StoredAnswer {
  if (known.operation !== request.operation || known.contentHash !== request.contentHash) {
    throw conflict();
  }
  if (known.answer !== undefined) return known.answer;
  throw new DomainError('IDEMPOTENCY_IN_PROGRESS', 'The first request with this key is still running. Try again.', {
    retryAfter: 1,
  });
}

const conflict = (): DomainError =>
  new DomainError('IDEMPOTENCY_CONFLICT', 'This key was used for a different request. Use a new key.');
