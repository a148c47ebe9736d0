import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { Metrics } from '../telemetry.ts';
import { pause } from '../wait.ts';
import { createGroupReader, type GroupReader } from './entries.ts';
import type { EventEnvelope } from './envelope.ts';
import { createIntake, type Intake } from './intake.ts';
import { createLanes } from './lanes.ts';

/**
 * The events of a stream before one of its entries, oldest first, in pages, as its source still has them; more than was
 * asked for does no harm.
 */
export type Refill = (before: string) => AsyncIterable<readonly EventEnvelope[]>;

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
  /** Where events are had from that were trimmed away before this group came to them; without it they are counted. */
  readonly refill?: Refill;
  /** True of a failure that is not the event's, as when a server is away: such a try does not count. */
  readonly isPassing?: (error: unknown) => boolean;
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
  inFlight: 512,
  tries: 6,
  firstRetryMs: 100,
  claimIdleMs: 15_000,
  claimEveryMs: 5_000,
};
const blockMs = 1_000;
const restMs = 500;
/** Behind every entry there can be. */
const endOfAll = `${Number.MAX_SAFE_INTEGER}-0`;

export interface StreamConsumer {
  /** Reads nothing more, and waits for what is being handled. */
  stop(): Promise<void>;
}

/**
 * Consumes a stream as one member of a group: order kept per key, retries with backoff, dead letters in `{stream}.dlq`.
 * The order holds while one member is active; the entries a dead member leaves behind, and those refilled, come after
 * newer ones.
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
  const intake = createIntake(options, { limits, member, lanes, stopped: stopping.signal });
  const { fillBeforeFirst, fillBeforePending } = createFilling(options, member, intake, limits);

  async function read(): Promise<void> {
    // By hundreds, not one by one as each is done.
    await lanes.below(Math.ceil(limits.inFlight / 2));
    const entries = await member.readNew(limits.inFlight - lanes.size, blockMs);
    await fillBeforeFirst(entries);
    for (const entry of entries) intake.accept(entry, 1);
  }

  async function claim(): Promise<void> {
    await member.keep(intake.working());
    await fillBeforePending();
    const { entries, trimmed } = await member.claim(limits.inFlight, limits.claimIdleMs);
    if (trimmed.length > 0) {
      metrics.trimmed.inc({ stream, group }, trimmed.length);
      log.error({ stream, group, count: trimmed.length }, 'Entries were trimmed away before they were handled');
    }
    await fillBeforeFirst(entries);
    const deliveries = await member.deliveries(entries.map(({ id }) => id));
    for (const entry of entries) intake.accept(entry, deliveries.get(entry.id) ?? 1);
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
      await intake.drain();
    },
  };
}

/** Sees to events that were trimmed away before this group came to them. */
function createFilling(
  { stream, group, refill, log, metrics }: ConsumerOptions,
  member: GroupReader,
  intake: Intake,
  limits: ConsumerLimits,
) {
  /**
   * Handles everything the source has from before an entry, and waits for it: what is acknowledged afterwards says that
   * nothing is missing.
   */
  async function fillBefore(id: string): Promise<void> {
    for await (const events of refill?.(id) ?? []) {
      log.warn(
        { stream, group, count: events.length },
        'Events from before the stream’s first entry are looked at again',
      );
      metrics.refilled.inc({ stream, group }, events.length);
      await Promise.all(events.map((event) => intake.again(event)));
    }
  }

  /** Whoever is given the first entry that a stream has, cannot know what was trimmed away before it. */
  async function fillBeforeFirst(entries: readonly { readonly id: string }[]): Promise<void> {
    const [first] = entries;
    if (refill !== undefined && first !== undefined && first.id === (await member.firstId()))
      await fillBefore(first.id);
  }

  /** Entries that were taken and trimmed away are looked for before anything is claimed: a claim forgets them. */
  async function fillBeforePending(): Promise<void> {
    if (refill === undefined) return;
    const first = (await member.firstId()) ?? endOfAll;
    if (await member.hasPendingBefore(first, limits.claimIdleMs)) await fillBefore(first);
  }

  return { fillBeforeFirst, fillBeforePending };
}

export type StreamMetrics = ReturnType<typeof createStreamMetrics>;

/** What the consumers of one process count; made once a process. */
export const createStreamMetrics = (metrics: Metrics) => {
  const labels = ['stream', 'group'];
  return {
    handled: metrics.counter('stream_events_handled_total', 'Events handled', labels),
    dead: metrics.counter('stream_dead_letters_total', 'Events that became dead letters', labels),
    trimmed: metrics.counter('stream_events_trimmed_total', 'Entries trimmed away unhandled', labels),
    refilled: metrics.counter('stream_events_refilled_total', 'Events had from their source again', labels),
    lag: metrics.gauge('stream_lag', 'Entries not yet read or not yet acknowledged', labels),
  };
};
