import type { Redis } from 'ioredis';
import type { EventEnvelope } from './envelope.ts';
import { eventField } from './producer.ts';

/** Appends unless the stream ends before the place ARGV[1], in one step. */
const appendScript = `
local last = '0-0'
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then last = info[i + 1] end
end
local function parts(id)
  local ms, no = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(no)
end
local ms, no = parts(last)
local wantedMs, wantedNo = parts(ARGV[1])
if ms < wantedMs or (ms == wantedMs and no < wantedNo) then
  return redis.error_reply('LOST The stream ends at ' .. last .. ', before ' .. ARGV[1])
end
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', ARGV[3], ARGV[4])
`;

/** How many entries go back in one round trip. */
const restoredAtOnce = 500;

/**
 * Streams to which one producer at a time appends, and that can be put back as they were. A stream keeps about
 * `maxLength` entries.
 */
export function createEventLog({ redis, maxLength }: { readonly redis: Redis; readonly maxLength: number }) {
  redis.defineCommand('appendEvent', { numberOfKeys: 1, lua: appendScript });
  const scripted = redis as Redis & {
    appendEvent(stream: string, last: string, maxLength: number, field: string, text: string): Promise<string>;
  };

  return {
    /** Appends an event and answers its id. Rejects when the stream ends before `last`, or nothing is confirmed. */
    append: (stream: string, event: EventEnvelope, last = '0-0'): Promise<string> =>
      scripted.appendEvent(stream, last, maxLength, eventField, JSON.stringify(event)),

    /** The last id that the stream gave, `0-0` before the first: trimming does not change it. */
    async lastPlace(stream: string): Promise<string> {
      try {
        const info = (await redis.xinfo('STREAM', stream)) as unknown[];
        return String(info[info.indexOf('last-generated-id') + 1]);
      } catch (error) {
        if (error instanceof Error && error.message.includes('no such key')) return '0-0';
        throw error;
      }
    },

    /** Adds entries by the ids they had, in order. Rejects when one is not behind the stream's end. */
    async restore(
      stream: string,
      entries: readonly { readonly place: string; readonly event: EventEnvelope }[],
    ): Promise<void> {
      for (let from = 0; from < entries.length; from += restoredAtOnce) {
        const pipeline = redis.pipeline();
        for (const { place, event } of entries.slice(from, from + restoredAtOnce)) {
          pipeline.xadd(stream, 'MAXLEN', '~', maxLength, place, eventField, JSON.stringify(event));
        }
        const failed = (await pipeline.exec())?.find(([error]) => error !== null)?.[0];
        if (failed !== undefined && failed !== null) throw failed;
      }
    },
  };
}
