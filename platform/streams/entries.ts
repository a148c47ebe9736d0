import type { Redis } from 'ioredis';
import { eventField } from './producer.ts';

/** The field of an entry that names the one group it is for: a dead letter that was replayed. */
export const onlyGroupField = 'only_group';

/** An entry as Redis has it: its id, and the event's text (empty when the entry has none). */
export interface Entry {
  readonly id: string;
  readonly text: string;
  readonly onlyGroup?: string | undefined;
}

type RawEntry = readonly [id: string, fields: readonly string[] | null];

/** Reads Redis' flat field list. Entries trimmed away under a reader come without fields and are left out. */
function readEntries(raw: readonly RawEntry[]): readonly Entry[] {
  return raw.flatMap(([id, fields]) => {
    if (fields === null) return [];
    const valueOf = (field: string): string | undefined => {
      const at = fields.indexOf(field);
      return at < 0 ? undefined : fields[at + 1];
    };
    return [{ id, text: valueOf(eventField) ?? '', onlyGroup: valueOf(onlyGroupField) }];
  });
}

export interface GroupReader {
  /** Entries nobody has read yet; waits up to `blockMs` for the first. */
  readNew(count: number, blockMs: number): Promise<readonly Entry[]>;
  /** Entries that some consumer took at least `idleMs` ago and never acknowledged; now this consumer's. */
  claim(count: number, idleMs: number): Promise<Claimed>;
  /** Says that these entries are still being worked on here, so that nobody claims them. */
  keep(ids: readonly string[]): Promise<void>;
  /** How often each of these entries has been delivered. */
  deliveries(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  ack(ids: readonly string[]): Promise<void>;
  /** Adds an entry to the dead letters and acknowledges it, in one step. One that was refilled has no id. */
  bury(entry: { readonly id: string | undefined; readonly text: string }, fields: DeadLetterFields): Promise<void>;
  /** The id of the oldest entry that the stream still has. */
  firstId(): Promise<string | undefined>;
  /** True when an entry before `id` was taken at least `idleMs` ago and never acknowledged. */
  hasPendingBefore(id: string, idleMs: number): Promise<boolean>;
  /** How many entries the group has not read or not acknowledged. */
  lag(): Promise<number>;
}

export interface DeadLetterFields {
  readonly error: string;
  readonly tries: string;
}

export interface Claimed {
  readonly entries: readonly Entry[];
  /** Entries that were trimmed away before anybody acknowledged them: their events must be had elsewhere. */
  readonly trimmed: readonly string[];
}

export interface GroupOptions {
  /** For everything but waiting. */
  readonly redis: Redis;
  /** Waits inside XREADGROUP, so it serves nothing else. */
  readonly reader: Redis;
  readonly stream: string;
  readonly group: string;
  readonly consumer: string;
}

/** Where the dead letters of a stream are kept. */
export const deadLettersOf = (stream: string): string => `${stream}.dlq`;

const isNoGroup = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOGROUP');
const isGroupThere = (error: unknown): boolean => error instanceof Error && error.message.startsWith('BUSYGROUP');

/** The Redis commands of one member of a consumer group. A group that is gone (Redis was emptied) is made anew. */
export function createGroupReader({ redis, reader, stream, group, consumer }: GroupOptions): GroupReader {
  async function withGroup<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      if (!isNoGroup(error)) throw error;
      // From the beginning: what was published before the group existed is not lost to it.
      await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM').catch((busy: unknown) => {
        if (!isGroupThere(busy)) throw busy;
      });
      return command();
    }
  }

  return {
    async readNew(count, blockMs) {
      const reply = (await withGroup(() =>
        reader.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, 'STREAMS', stream, '>'),
      )) as readonly [stream: string, entries: readonly RawEntry[]][] | null;
      return readEntries(reply?.[0]?.[1] ?? []);
    },
    async claim(count, idleMs) {
      const [, raw, trimmed] = (await withGroup(() =>
        redis.xautoclaim(stream, group, consumer, idleMs, '0', 'COUNT', count),
      )) as [string, readonly RawEntry[], (readonly string[])?];
      return { entries: readEntries(raw), trimmed: trimmed ?? [] };
    },
    async keep(ids) {
      if (ids.length > 0) await withGroup(() => redis.xclaim(stream, group, consumer, 0, ...ids, 'JUSTID'));
    },
    async deliveries(ids) {
      const [first, last] = [ids[0], ids.at(-1)];
      if (first === undefined || last === undefined) return new Map();
      const rows = (await redis.xpending(stream, group, first, last, ids.length, consumer)) as [
        string,
        string,
        number,
        number,
      ][];
      return new Map(rows.map(([id, , , count]) => [id, count]));
    },
    async ack(ids) {
      await redis.xack(stream, group, ...ids);
    },
    async bury({ id, text }, fields) {
      const letter = Object.entries({ stream, group, entry_id: id ?? '', ...fields }).flat();
      const commands = redis.multi().xadd(deadLettersOf(stream), '*', eventField, text, ...letter);
      if (id !== undefined) commands.xack(stream, group, id);
      if ((await commands.exec()) === null) throw new Error('The dead letter was not stored');
    },
    async firstId() {
      const [first] = await redis.xrange(stream, '-', '+', 'COUNT', 1);
      return first?.[0];
    },
    async hasPendingBefore(id, idleMs) {
      const rows = await withGroup(() => redis.xpending(stream, group, 'IDLE', idleMs, '-', `(${id}`, 1));
      return rows.length > 0;
    },
    async lag() {
      const groups = (await redis.xinfo('GROUPS', stream)) as (string | number | null)[][];
      const info = groups.map(toRecord).find(({ name }) => name === group);
      // Redis does not know once entries were taken out of the middle: it is at most what the stream has.
      const unread = info?.['lag'] ?? (await redis.xlen(stream));
      return Number(unread) + Number(info?.['pending'] ?? 0);
    },
  };
}

function toRecord(flat: readonly (string | number | null)[]): Record<string, string | number | null> {
  const pairs = flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), flat[index + 1] ?? null] as const] : [],
  );
  return Object.fromEntries(pairs);
}
