import type { Redis } from 'ioredis';
import { deadLettersOf, onlyGroupField } from './entries.ts';
import { eventField } from './producer.ts';

export interface DeadLetter {
  readonly id: string;
  /** The stream it was on. */
  readonly stream: string;
  /** The consumer group that gave it up; undefined for what is no event. */
  readonly group: string | undefined;
  readonly error: string;
  readonly tries: string | undefined;
  /** What it says, as it was sent. */
  readonly text: string;
}

/** Puts a dead letter back on its stream, for its group alone, unless somebody else has taken it meanwhile. */
const replayScript = `
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return false end
local id = redis.call('XADD', KEYS[2], '*', ARGV[2], ARGV[3], ARGV[4], ARGV[5])
redis.call('XDEL', KEYS[1], ARGV[1])
return id
`;

const suffix = deadLettersOf('');

/** The dead letters of all streams of a Redis. */
export function createDeadLetters(redis: Redis) {
  async function streams(): Promise<readonly string[]> {
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `*${suffix}`, 'COUNT', 1_000, 'TYPE', 'stream');
      for (const key of keys) found.add(key.slice(0, -suffix.length));
      cursor = next;
    } while (cursor !== '0');
    return [...found].toSorted();
  }

  return {
    /** The streams that have dead letters, or had. */
    streams,
    /** A stream's dead letters in order, from `id` on. */
    async list(stream: string, limit: number, id = '-'): Promise<readonly DeadLetter[]> {
      const entries = await redis.xrange(deadLettersOf(stream), id, '+', 'COUNT', limit);
      return entries.map(([each, fields]) => toLetter(each, stream, fields));
    },
    count: (stream: string): Promise<number> => redis.xlen(deadLettersOf(stream)),
    /** One of them; undefined when there is none by this id. */
    async find(stream: string, id: string): Promise<DeadLetter | undefined> {
      const [entry] = await redis.xrange(deadLettersOf(stream), id, id);
      return entry && toLetter(entry[0], stream, entry[1]);
    },
    /** Puts it back and takes it from the dead letters, in one step; false when somebody else has. */
    async replay({ id, stream, group = '', text }: DeadLetter): Promise<boolean> {
      const keys = [deadLettersOf(stream), stream];
      return (await redis.eval(replayScript, 2, ...keys, id, eventField, text, onlyGroupField, group)) !== null;
    },
    /** Removes it; false when it is gone already. */
    drop: async ({ id, stream }: DeadLetter): Promise<boolean> => (await redis.xdel(deadLettersOf(stream), id)) === 1,
  };
}

function toLetter(id: string, stream: string, fields: readonly string[]): DeadLetter {
  const valueOf = (field: string): string | undefined => {
    const at = fields.findIndex((name, index) => index % 2 === 0 && name === field);
    return at < 0 ? undefined : fields[at + 1];
  };
  const event = valueOf(eventField);
  return {
    id,
    stream,
    group: event === undefined ? undefined : valueOf('group'),
    error: valueOf('error') ?? '',
    tries: valueOf('tries'),
    // What is no event is shown as it lies there.
    text: event ?? JSON.stringify(fields),
  };
}
