import type { Redis } from 'ioredis';
import type { EventEnvelope } from './envelope.ts';

export interface StreamProducer {
  /** Appends an event and answers its entry id. Rejects when Redis did not confirm it: it may be there nevertheless. */
  publish(stream: string, event: EventEnvelope): Promise<string>;
  /** Appends events in order, in one round trip. Rejects when any is unconfirmed. */
  publishAll(stream: string, events: readonly EventEnvelope[]): Promise<readonly string[]>;
}

/** The field of an entry that holds the event as JSON. */
export const eventField = 'event';

/**
 * Publishes events on Redis Streams, at least once. A stream keeps about `maxLength` entries (approximate trimming
 * costs nothing): it carries facts, it does not keep them.
 */
export function createStreamProducer({
  redis,
  maxLength,
}: {
  readonly redis: Redis;
  readonly maxLength: number;
}): StreamProducer {
  async function publishAll(stream: string, events: readonly EventEnvelope[]): Promise<readonly string[]> {
    const pipeline = redis.pipeline();
    for (const event of events) {
      pipeline.xadd(stream, 'MAXLEN', '~', maxLength, '*', eventField, JSON.stringify(event));
    }
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, id]) => {
      if (error !== null) throw error;
      return String(id);
    });
  }

  return {
    publishAll,
    async publish(stream, event) {
      const [id = ''] = await publishAll(stream, [event]);
      return id;
    },
  };
}
