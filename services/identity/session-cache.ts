import { DomainError } from '../../domain/errors.ts';
import { type Db, unavailableWhenAway } from '../../storage/db.ts';
import { loadSessionStates, type SessionState } from '../../storage/identity/sessions.ts';

export type { SessionState };

export interface SessionCache {
  /**
   * The state of a session, at most `maxAgeMs` old; undefined when there is none. Throws UNAVAILABLE, never guesses.
   */
  get(sessionId: string): Promise<SessionState | undefined>;
  /** Forgets what is known of a session, so that the next question reads it anew. */
  evict(sessionId: string): void;
}

interface Deps {
  readonly db: Db;
  /** Milliseconds on a clock that never steps: a wall clock set back must not keep a revoked session alive. */
  readonly monotonicMs: () => number;
  readonly maxAgeMs?: number;
  readonly timeoutMs?: number;
  readonly capacity?: number;
}

interface Entry {
  readonly state: SessionState | undefined;
  readonly askedAt: number;
}

const unverifiedMaxAgeMs = 200;

/** What this process knows of live sessions. Misses of one turn of the event loop become one query. */
export function createSessionCache(deps: Deps): SessionCache {
  const { db, monotonicMs, maxAgeMs = 3_000, timeoutMs = 1_500, capacity = 100_000 } = deps;
  const entries = new Map<string, Entry>();
  let batch: { readonly ids: Set<string>; readonly answer: Promise<ReadonlyMap<string, SessionState>> } | undefined;

  async function load(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, SessionState>> {
    await new Promise((resolve) => setImmediate(resolve));
    batch = undefined;
    const askedAt = monotonicMs();
    const states = await within(timeoutMs, loadSessionStates(db, [...ids]).catch(unavailableWhenAway));
    for (const id of ids) remember(id, { state: states.get(id), askedAt });
    return states;
  }

  function remember(id: string, entry: Entry): void {
    entries.delete(id);
    entries.set(id, entry);
    const [oldest] = entries.keys();
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
  }

  /** Who was just verified must not be refused for what was true a moment ago: “not yet” is hardly kept. */
  const lifeOf = (state: SessionState | undefined): number =>
    state?.kycStatus === 'verified' ? maxAgeMs : Math.min(maxAgeMs, unverifiedMaxAgeMs);

  return {
    async get(sessionId) {
      const entry = entries.get(sessionId);
      // Age counts from the question, not the answer: a revocation may have come in between.
      if (entry !== undefined && monotonicMs() - entry.askedAt <= lifeOf(entry.state)) return entry.state;
      if (batch === undefined) {
        const ids = new Set<string>();
        batch = { ids, answer: load(ids) };
      }
      batch.ids.add(sessionId);
      return (await batch.answer).get(sessionId);
    },
    evict(sessionId) {
      entries.delete(sessionId);
    },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new DomainError('UNAVAILABLE', 'Sessions cannot be checked now. Try again shortly.', { retryAfter: 1 }));
  }, ms);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
