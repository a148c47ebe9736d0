import type { Redis } from 'ioredis';
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { createDeadLetters, type DeadLetter } from '../../platform/streams/dead-letters.ts';
import { addAudit } from '../../storage/audit/audit.ts';
import type { Database } from '../../storage/db.ts';

export interface DeadLetterDeskDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Who is at the desk, for the audit log. */
  readonly operator: string;
}

/** Which dead letters are meant: one by its id, or all of a stream. */
export interface Meant {
  readonly stream: string;
  readonly id: string;
}

export interface DeadLetterDesk {
  /** How many each stream has. */
  overview(): Promise<readonly { readonly stream: string; readonly letters: number }[]>;
  /** A stream's first dead letters. */
  list(stream: string): Promise<readonly DeadLetter[]>;
  /** Throws NOT_FOUND. */
  show(meant: Meant): Promise<DeadLetter>;
  /**
   * Gives events to their consumers again, under their own ids; answers how many. Throws NOT_FOUND, and INVALID_REQUEST
   * for what is no event: a command has its outcome.
   */
  replay(meant: Meant): Promise<number>;
  /** Removes them for good; answers how many. Throws NOT_FOUND. */
  drop(meant: Meant): Promise<number>;
}

export const all = 'all';
const shownAtOnce = 100;
const pageSize = 500;

/** What people do with events that were given up. Replaying and dropping leave a line each in the audit log, before. */
export function createDeadLetterDesk({ db, redis, clock, newId, operator }: DeadLetterDeskDeps): DeadLetterDesk {
  const letters = createDeadLetters(redis);

  async function show({ stream, id }: Meant): Promise<DeadLetter> {
    const found = /^\d+-\d+$/.test(id) ? await letters.find(stream, id) : undefined;
    if (found === undefined) throw new DomainError('NOT_FOUND', `${stream} has no dead letter ${id}.`);
    return found;
  }

  /** Those that are there now: what comes to be meanwhile is for another time. */
  async function meantNow({ stream, id }: Meant): Promise<readonly DeadLetter[]> {
    if (id !== all) return [await show({ stream, id })];
    const found: DeadLetter[] = [];
    for (let after = '-'; ; after = `(${found.at(-1)?.id ?? ''}`) {
      const page = await letters.list(stream, pageSize, after);
      found.push(...page);
      if (page.length < pageSize) return found;
    }
  }

  async function act(meant: Meant, did: 'replay' | 'drop'): Promise<number> {
    const found = await meantNow(meant);
    if (did === 'replay' && found.some(({ group }) => group === undefined)) {
      throw new DomainError(
        'INVALID_REQUEST',
        'Only events are replayed. A command has its outcome: it can be dropped.',
      );
    }
    let done = 0;
    for (const letter of found) {
      const { stream, id, group, error } = letter;
      const at = clock();
      const details = { operator, stream, group, error, event_id: idOf(letter) };
      const what = { action: `dead_letter.${did}`, resource: 'dead_letter', resourceId: `${stream} ${id}` };
      const auditId = newId();
      const traceId = auditId.replaceAll('-', '');
      await addAudit(db, [{ ...what, id: auditId, at, actor: 'service', result: 'done', details, traceId }]);
      if (await letters[did](letter)) done += 1;
    }
    return done;
  }

  return {
    async overview() {
      const streams = await letters.streams();
      return Promise.all(streams.map(async (stream) => ({ stream, letters: await letters.count(stream) })));
    },
    list: (stream) => letters.list(stream, shownAtOnce),
    show,
    replay: (meant) => act(meant, 'replay'),
    drop: (meant) => act(meant, 'drop'),
  };
}

function idOf({ text }: DeadLetter): string | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
