import type { Redis } from 'ioredis';
import { type EventEnvelope, parseEnvelope } from '../../platform/streams/envelope.ts';
import { type EventPlace, placeBehind, readPlace, timeOf, writePlace } from './event-place.ts';

/** An event of a user, and the cursor of whoever has seen it. */
export interface PlacedEvent<E> {
  readonly event: E;
  readonly cursor: string;
}

/** What a user missed, oldest first. */
export interface Missed<E> {
  readonly events: readonly PlacedEvent<E>[];
  /** Where whoever has seen all of them stands: nothing of his that comes up to there is new. */
  readonly upTo: EventPlace;
}

export interface MissedEvents<E> {
  /** The cursor of whoever has seen everything; undefined of an empty stream. Rejects while Redis is away. */
  end(): Promise<string | undefined>;
  /**
   * What happened to a user since a cursor. Undefined when that cannot be told: the cursor is none of this stream's, a
   * day old, or too much has happened since. Rejects while Redis is away.
   */
  since(userId: string, cursor: string): Promise<Missed<E> | undefined>;
}

interface Deps {
  readonly redis: Redis;
  readonly stream: string;
  readonly now: () => number;
  /** So many entries, of all users, are looked through for one cursor, and so many at a time. */
  readonly mostEntries?: number;
  readonly pageSize?: number;
}

const longestMs = 86_400_000;

type RawEntry = readonly [id: string, fields: readonly string[]];

/** What a stream of events still has for those who come back. It is read for one after the other: it may be much. */
export function createMissedEvents<E>({
  redis,
  stream,
  now,
  mostEntries = 100_000,
  pageSize = 1_000,
}: Deps): MissedEvents<E> {
  let reading: Promise<unknown> = Promise.resolve();

  /** Whether the stream has that very entry: then it is whole from there on, as it loses its oldest entries first. */
  async function isThere({ id, mark }: EventPlace): Promise<boolean> {
    const [entry] = await redis.xrange(stream, id, id);
    return entry !== undefined && placeOf(entry)?.mark === mark;
  }

  async function read(userId: string, from: EventPlace): Promise<Missed<E> | undefined> {
    const events: PlacedEvent<E>[] = [];
    let upTo = from;
    for (let looked = 0; looked < mostEntries; looked += pageSize) {
      const page: RawEntry[] = await redis.xrange(stream, `(${upTo.id}`, '+', 'COUNT', pageSize);
      for (const entry of page) {
        // Most are other users', and not worth parsing.
        const event = textOf(entry).includes(userId) ? eventOf(entry) : undefined;
        if (event?.user_id !== userId) continue;
        events.push({ event: event.payload as E, cursor: writePlace(placeBehind(entry[0], event.id)) });
      }
      const last = page.at(-1);
      if (last !== undefined) upTo = placeOf(last) ?? { id: last[0], mark: '-' };
      if (page.length < pageSize) return { events, upTo };
    }
    return undefined;
  }

  async function since(userId: string, cursor: string): Promise<Missed<E> | undefined> {
    const from = readPlace(cursor);
    if (from === undefined || timeOf(from) < now() - longestMs) return undefined;
    return (await isThere(from)) ? read(userId, from) : undefined;
  }

  return {
    async end() {
      const [entry] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
      const place = entry === undefined ? undefined : placeOf(entry);
      return place === undefined ? undefined : writePlace(place);
    },
    since(userId, cursor) {
      const result = reading.then(() => since(userId, cursor));
      reading = result.catch(() => undefined);
      return result;
    },
  };
}

const textOf = ([, fields]: RawEntry): string => fields[1] ?? '';

/** Undefined for an entry that is no event: nobody was told of it. */
function eventOf(entry: RawEntry): EventEnvelope | undefined {
  try {
    return parseEnvelope(textOf(entry));
  } catch {
    return undefined;
  }
}

function placeOf(entry: RawEntry): EventPlace | undefined {
  const event = eventOf(entry);
  return event === undefined ? undefined : placeBehind(entry[0], event.id);
}
