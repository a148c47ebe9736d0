import type { Redis } from 'ioredis';
import { commandField, commandStream } from '../domain/trading/command.ts';
import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import { compareStreamIds, nextStreamId } from '../platform/streams/stream-ids.ts';

/** A command as the stream has it: unread text, since what it says is judged by who applies it. */
export interface StreamEntry {
  readonly symbol: string;
  readonly id: string;
  /** Undefined when the entry has no command in it. */
  readonly text: string | undefined;
}

export interface CommandReaderDeps {
  /** For everything but waiting. */
  readonly redis: Redis;
  /** Waits inside XREAD, so it serves nothing else. */
  readonly blocking: Redis;
  readonly log: Logger;
  readonly onEntries: (entries: readonly StreamEntry[]) => void;
  /** Resolves when more entries can be taken. */
  readonly room: () => Promise<void>;
}

export interface CommandReader {
  /** Reads a market's stream from after `id` on. */
  follow(symbol: string, id: string): void;
  unfollow(symbol: string): void;
  /** The id of the last entry each of these streams ever had. Rejects while Redis is away. */
  tails(symbols: readonly string[]): Promise<ReadonlyMap<string, string>>;
  stop(): Promise<void>;
}

/** An entry that only moves a recreated stream past the ids that were used before. */
const markField = 'mark';

const readCount = 512;
const blockMs = 200;
const retryMs = 500;

type RawEntry = readonly [id: string, fields: readonly string[] | null];

/** Follows the command streams of several markets in order, from where each was committed, and hands on what comes. */
export function readCommands({ redis, blocking, log, onEntries, room }: CommandReaderDeps): CommandReader {
  const positions = new Map<string, string>();
  const mender = createMender(redis, log, positions);
  const stopping = new AbortController();
  // Redis may have lost the streams while the connection was away.
  blocking.on('ready', () => mender.suspect(positions.keys()));

  async function readOnce(): Promise<void> {
    await mender.mend();
    const symbols = [...positions.keys()];
    const ids = [...positions.values()];
    const streams = symbols.map(commandStream);
    const reply = await blocking.xread('COUNT', readCount, 'BLOCK', blockMs, 'STREAMS', ...streams, ...ids);
    const entries: StreamEntry[] = [];
    for (const [stream, raw] of (reply ?? []) as [string, RawEntry[]][]) {
      const symbol = symbols[streams.indexOf(stream)] ?? '';
      const last = raw.at(-1);
      // The market may have been given up, or loaded anew, while we waited.
      if (last === undefined || positions.get(symbol) !== ids[symbols.indexOf(symbol)]) continue;
      positions.set(symbol, last[0]);
      entries.push(...entriesOf(symbol, raw));
    }
    if (entries.length > 0) onEntries(entries);
  }

  const stopped = (): boolean => stopping.signal.aborted;

  async function run(): Promise<void> {
    while (!stopped()) {
      try {
        await room();
        if (positions.size === 0) await pause(blockMs / 4, stopping.signal);
        else await readOnce();
      } catch (err) {
        // Stopping breaks the read that waits.
        if (!stopped()) log.warn({ err, component: 'command reader' }, 'Could not read commands; it is tried again');
        await pause(retryMs, stopping.signal);
      }
    }
  }

  const running = run();
  return {
    follow(symbol, id) {
      positions.set(symbol, id);
      mender.suspect([symbol]);
    },
    unfollow(symbol) {
      positions.delete(symbol);
    },
    async tails(symbols) {
      return new Map(
        await Promise.all(symbols.map(async (symbol) => [symbol, await readTail(redis, symbol)] as const)),
      );
    },
    async stop() {
      stopping.abort();
      blocking.disconnect();
      await running;
    },
  };
}

function entriesOf(symbol: string, raw: readonly RawEntry[]): StreamEntry[] {
  return raw.flatMap(([id, fields]) => {
    if (fields === null || fields[0] === markField) return [];
    const at = fields.indexOf(commandField);
    return [{ symbol, id, text: at === -1 ? undefined : fields[at + 1] }];
  });
}

interface Mender {
  /** These streams have to be looked at before they are read again. */
  suspect(symbols: Iterable<string>): void;
  mend(): Promise<void>;
}

/**
 * A stream that was lost starts over; its ids below the position we have read to would never be seen, so it is pushed
 * past that.
 */
function createMender(redis: Redis, log: Logger, positions: ReadonlyMap<string, string>): Mender {
  const suspects = new Set<string>();

  async function mendStream(symbol: string): Promise<void> {
    const position = positions.get(symbol);
    if (position === undefined || compareStreamIds(await readTail(redis, symbol), position) >= 0) return;
    const added = await redis.xadd(commandStream(symbol), nextStreamId(position), markField, '1').catch(() => null);
    log.warn({ symbol, outcome: added }, 'The command stream had been lost');
  }

  return {
    suspect(symbols) {
      for (const symbol of symbols) suspects.add(symbol);
    },
    async mend() {
      for (const symbol of [...suspects]) {
        // Before looking: what is suspected meanwhile is looked at again.
        suspects.delete(symbol);
        await mendStream(symbol).catch((error: unknown) => {
          suspects.add(symbol);
          throw error;
        });
      }
    },
  };
}

/** The id of the last entry a market's stream ever had, deleted ones included. */
async function readTail(redis: Redis, symbol: string): Promise<string> {
  try {
    const info = (await redis.xinfo('STREAM', commandStream(symbol))) as (string | number)[];
    return String(info[info.indexOf('last-generated-id') + 1]);
  } catch (error) {
    if (error instanceof Error && /no such key/i.test(error.message)) return '0-0';
    throw error;
  }
}
