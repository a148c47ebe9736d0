import { Redis } from 'ioredis';
import { eventStreams, typeOf } from '../../contract/events.ts';

export interface SentEvent {
  readonly stream: string;
  readonly type: string;
  readonly text: string;
}

/** Every event that the streams of a system hold. */
export async function readEvents(redisUrl: string): Promise<readonly SentEvent[]> {
  const redis = new Redis(redisUrl);
  try {
    const found: SentEvent[] = [];
    for (const stream of Object.keys(eventStreams)) {
      for (const [, [, text = '']] of await redis.xrange(stream, '-', '+')) {
        found.push({ stream, text, type: (JSON.parse(text) as { type: string }).type });
      }
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

/** What is wrong with events by the contract: a type that their stream does not carry, or another form than its. */
export function findOddEvents(events: readonly SentEvent[]): readonly string[] {
  return events.flatMap(({ stream, type, text }) => {
    const schema = eventStreams[stream]?.events.find((each) => typeOf(each) === type);
    if (schema === undefined) return [`${stream} carries no ${type}`];
    const { error } = schema.safeParse(JSON.parse(text));
    return error === undefined ? [] : [`${type}: ${error.message} in ${text}`];
  });
}
