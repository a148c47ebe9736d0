import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import { pause } from '../wait.ts';

export interface TailOptions {
  /** A connection that fails fast; the tail makes one of its own, for waiting. */
  readonly redis: Redis;
  /** Called with each entry's only value, in order within a stream. Must not throw. */
  readonly onEntry: (stream: string, text: string, id: string) => void;
  /** The connection was lost and is back: entries may be missing, or the streams be others by the same names. */
  readonly onInterrupted: () => void;
  readonly log: Logger;
}

export interface StreamTail {
  /** Reads a stream from behind `id`, now and again; a stream followed already starts anew there. */
  follow(stream: string, id: string): void;
  unfollow(stream: string): void;
  /** The id of a stream's last entry, `0-0` when it has none. Rejects while Redis is away. */
  lastId(stream: string): Promise<string>;
  stop(): Promise<void>;
}

type Reply = readonly (readonly [stream: string, entries: readonly (readonly [id: string, fields: string[]])[]])[];

/** How soon a stream that is newly followed is looked at, while nothing else happens. */
const blockMs = 200;

/**
 * Reads streams from their ends, without a group: every process sees every entry, at most once, and none that came
 * while it was away.
 */
export function startTail({ redis, onEntry, onInterrupted, log }: TailOptions): StreamTail {
  const reader = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: undefined });
  reader.on('error', () => undefined); // The other connection logs the same trouble.
  const positions = new Map<string, string>();
  const stopping = new AbortController();
  const stopped = (): boolean => stopping.signal.aborted;
  let connections = 0;
  reader.on('ready', () => {
    connections += 1;
    if (connections > 1) onInterrupted();
  });

  function take(reply: Reply, asked: ReadonlyMap<string, string>): void {
    for (const [stream, entries] of reply) {
      for (const [id, fields] of entries) {
        // While this was read, the stream was left or begun anew elsewhere.
        if (positions.get(stream) !== asked.get(stream)) break;
        onEntry(stream, fields[1] ?? '', id);
      }
      const [last] = entries.at(-1) ?? [];
      if (last !== undefined && positions.get(stream) === asked.get(stream)) positions.set(stream, last);
    }
  }

  async function readLoop(): Promise<void> {
    while (!stopped()) {
      const asked = new Map(positions);
      try {
        if (asked.size === 0) await pause(blockMs, stopping.signal);
        else {
          const streams = [...asked.keys(), ...asked.values()];
          take((await reader.xread('COUNT', 500, 'BLOCK', blockMs, 'STREAMS', ...streams)) ?? [], asked);
        }
      } catch (err) {
        if (stopped()) return;
        log.warn({ err }, 'Cannot read the streams; trying again');
        await pause(500, stopping.signal);
      }
    }
  }

  const loop = readLoop();
  return {
    follow: (stream, id) => void positions.set(stream, id),
    unfollow: (stream) => void positions.delete(stream),
    async lastId(stream) {
      const [last] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
      return last?.[0] ?? '0-0';
    },
    async stop() {
      stopping.abort();
      reader.disconnect();
      await loop;
    },
  };
}
