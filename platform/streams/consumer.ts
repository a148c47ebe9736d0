import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { Metrics } from '../telemetry.ts';
import { pause } from '../wait.ts';
import { createGroupReader, type Entry, type GroupReader } from './entries.ts';
import { type EventEnvelope, parseEnvelope } from './envelope.ts';
import { createLanes, type Lanes } from './lanes.ts';

export interface ConsumerOptions {
  /** A connection that fails fast; the consumer makes a second one of its own, for waiting. */
  readonly redis: Redis;
  readonly stream: string;
  readonly group: string;
  /** Names this process within the group. */
  readonly consumer: string;
  /** May see an event twice (at least once), so its effect must be tied to `event.id`. */
  readonly handle: (event: EventEnvelope) => Promise<void>;
  /** Events of one key are handled in order; the user's id when left out. */
  readonly keyOf?: (event: EventEnvelope) => string;
  readonly log: Logger;
  readonly metrics: StreamMetrics;
  readonly limits?: Partial<ConsumerLimits>;
}

export interface ConsumerLimits {
  /** Entries waiting or being handled at once. */
  readonly inFlight: number;
  /** Times an event is tried before it becomes a dead letter. */
  readonly tries: number;
  readonly firstRetryMs: number;
  /** An entry without acknowledgement for so long belonged to a consumer that died. */
  readonly claimIdleMs: number;
  readonly claimEveryMs: number;
}

const defaults: ConsumerLimits = {
  inFlight: 256,
  tries: 6,
  firstRetryMs: 100,
  claimIdleMs: 15_000,
  claimEveryMs: 5_000,
};
const blockMs = 1_000;
const restMs = 500;

export interface StreamConsumer {
  /** Reads nothing more, and waits for what is being handled. */
  stop(): Promise<void>;
}

/**
 * Consumes a stream as one member of a group: order kept per key, retries with backoff, dead letters in `{stream}.dlq`.
 * The order holds while one member is active; the entries a dead member leaves behind come after newer ones.
 */
export function startConsumer(options: ConsumerOptions): StreamConsumer {
  const { redis, stream, group, log, metrics } = options;
  const limits = { ...defaults, ...options.limits };
  const reader = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: undefined });
  reader.on('error', () => undefined); // The other connection logs the same trouble.
  const member = createGroupReader({ ...options, reader });
  const lanes = createLanes();
  const stopping = new AbortController();
  const hasStopped = (): boolean => stopping.signal.aborted;
  const accept = createIntake(options, { limits, member, lanes, stopped: stopping.signal });

  async function read(): Promise<void> {
    await lanes.below(limits.inFlight);
    for (const entry of await member.readNew(limits.inFlight - lanes.size, blockMs)) accept(entry, 1);
  }

  async function claim(): Promise<void> {
    const { entries, trimmed } = await member.claim(limits.inFlight, limits.claimIdleMs);
    if (trimmed.length > 0) {
      metrics.trimmed.inc({ stream, group }, trimmed.length);
      log.error({ stream, group, count: trimmed.length }, 'Entries were trimmed away before they were handled');
    }
    const deliveries = await member.deliveries(entries.map(({ id }) => id));
    for (const entry of entries) accept(entry, deliveries.get(entry.id) ?? 1);
    metrics.lag.set({ stream, group }, await member.lag());
  }

  async function repeat(step: () => Promise<void>, everyMs: number): Promise<void> {
    while (!hasStopped()) {
      try {
        await step();
        await pause(everyMs, stopping.signal);
      } catch (err) {
        await pause(restMs, stopping.signal);
        // A stop closes the waiting connection under the reader.
        if (!hasStopped()) log.warn({ err, stream, group }, 'Cannot read the stream; trying again');
      }
    }
  }

  const loops = Promise.all([repeat(read, 0), repeat(claim, limits.claimEveryMs)]);
  return {
    async stop() {
      stopping.abort();
      // Ends a waiting XREADGROUP. Entries it had just been given stay unacknowledged and are claimed later.
      reader.disconnect();
      await loops;
      await lanes.below(1);
    },
  };
}

interface Intake {
  readonly limits: ConsumerLimits;
  readonly member: GroupReader;
  readonly lanes: Lanes;
  readonly stopped: AbortSignal;
}

/** Puts an entry into its key's lane, where it is handled until it is acknowledged, buried, or the consumer stops. */
function createIntake(
  { stream, group, handle, keyOf = userOf, log, metrics }: ConsumerOptions,
  { limits, member, lanes, stopped }: Intake,
): (entry: Entry, deliveries: number) => void {
  const working = new Set<string>();

  async function finish(entry: Entry, event: EventEnvelope | Error, deliveries: number): Promise<void> {
    let failure: unknown = event;
    let tries = deliveries - 1;
    while (!(event instanceof Error) && tries < limits.tries) {
      failure = await faultOf(handle(event));
      if (failure === undefined) {
        metrics.handled.inc({ stream, group });
        return member.ack(entry.id);
      }
      tries += 1;
      log.warn(
        { err: failure, stream, group, event_id: event.id, type: event.type, attempt: tries },
        'An event failed',
      );
      if (tries < limits.tries) await pause(limits.firstRetryMs * 2 ** (tries - 1), stopped);
      if (stopped.aborted) return;
    }
    const error = failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
    await member.bury(entry, { error: error.slice(0, 1_000), tries: String(tries) });
    metrics.dead.inc({ stream, group });
    log.error({ stream, group, id: entry.id }, 'An event became a dead letter');
  }

  return (entry, deliveries) => {
    // An entry this process is still busy with can look abandoned to XAUTOCLAIM.
    if (working.has(entry.id)) return;
    working.add(entry.id);
    const event = readEvent(entry);
    lanes.add(event instanceof Error ? entry.id : keyOf(event), async () => {
      await finish(entry, event, deliveries).catch((err: unknown) => {
        // Unacknowledged: it is claimed and handled again.
        log.warn({ err, stream, group, id: entry.id }, 'Could not settle a stream entry');
      });
      working.delete(entry.id);
    });
  };
}

/** What the work failed with, if it did. */
const faultOf = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error ?? new Error('The handler threw nothing'),
  );

const userOf = (event: EventEnvelope): string => event.user_id ?? event.id;

function readEvent({ text }: Entry): EventEnvelope | Error {
  try {
    return parseEnvelope(text);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export type StreamMetrics = ReturnType<typeof createStreamMetrics>;

/** What the consumers of one process count; made once a process. */
export const createStreamMetrics = (metrics: Metrics) => {
  const labels = ['stream', 'group'];
  return {
    handled: metrics.counter('stream_events_handled_total', 'Events handled', labels),
    dead: metrics.counter('stream_dead_letters_total', 'Events that became dead letters', labels),
    trimmed: metrics.counter('stream_events_trimmed_total', 'Entries trimmed away unhandled', labels),
    lag: metrics.gauge('stream_lag', 'Entries not yet read or not yet acknowledged', labels),
  };
};
