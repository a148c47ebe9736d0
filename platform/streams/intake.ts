import { createBatcher } from '../batcher.ts';
import { pause } from '../wait.ts';
import type { ConsumerLimits, ConsumerOptions } from './consumer.ts';
import type { Entry, GroupReader } from './entries.ts';
import { type EventEnvelope, parseEnvelope } from './envelope.ts';
import type { Lanes } from './lanes.ts';

interface IntakeParts {
  readonly limits: ConsumerLimits;
  readonly member: GroupReader;
  readonly lanes: Lanes;
  readonly stopped: AbortSignal;
}

export interface Intake {
  /** Puts an entry into its key's lane, where it is handled until it is acknowledged, buried, or the consumer stops. */
  accept(entry: Entry, deliveries: number): void;
  /** The same for an event that has no entry any more. Rejects when it was neither handled nor buried. */
  again(event: EventEnvelope): Promise<void>;
  /** The entries that are waiting or being handled here. */
  working(): readonly string[];
  /** Waits until everything handled is acknowledged, as far as Redis is there. */
  drain(): Promise<void>;
}

interface Failed {
  readonly failure: unknown;
  readonly tries: number;
}

type Outcome = 'handled' | 'stopped' | Failed;

const mostAcks = 1_000;
const longestRetryMs = 10_000;

export function createIntake(options: ConsumerOptions, parts: IntakeParts): Intake {
  const { stream, group, keyOf = userOf, log, metrics } = options;
  const { member, lanes } = parts;
  const { attempt, bury } = createWork(options, parts);
  const working = new Set<string>();

  /** Acknowledgements that come together travel together; while some are on their way the next ones gather. */
  const acks = createBatcher<string, undefined>({
    maxSize: mostAcks,
    windowMs: 1,
    async run(ids) {
      await member.ack(ids);
      metrics.handled.inc({ stream, group }, ids.length);
      return ids.map(() => undefined);
    },
  });

  /** Ends an entry; where that fails it stays unacknowledged, and is claimed and handled again. */
  async function settle(id: string, settled: Promise<unknown>): Promise<void> {
    try {
      await settled;
    } catch (err) {
      log.warn({ err, stream, group, id }, 'Could not settle a stream entry');
    }
    working.delete(id);
  }

  return {
    accept({ id, text, onlyGroup = group }, deliveries) {
      // An entry this process is still busy with can look abandoned to XAUTOCLAIM.
      if (working.has(id)) return;
      working.add(id);
      if (onlyGroup !== group) return void settle(id, acks.add(id));
      const event = readEvent(text);
      if (event instanceof Error) return void settle(id, bury(id, text, { failure: event, tries: 0 }));
      lanes.add(keyOf(event), async () => {
        const outcome = await attempt(event, deliveries);
        // The next event of this key does not wait for the acknowledgement.
        if (outcome === 'handled') void settle(id, acks.add(id));
        else if (outcome === 'stopped') working.delete(id);
        else await settle(id, bury(id, text, outcome));
      });
    },
    again: (event) =>
      new Promise((resolve, reject) => {
        lanes.add(keyOf(event), async () => {
          const outcome = await attempt(event, 1);
          if (outcome === 'handled') resolve();
          else if (outcome === 'stopped') reject(new Error('Stopped before it was handled'));
          else await bury(undefined, JSON.stringify(event), outcome).then(resolve, reject);
        });
      }),
    working: () => [...working],
    drain: () => acks.drain(),
  };
}

/** What is done with one event. */
function createWork(
  { stream, group, handle, isPassing = () => false, log, metrics }: ConsumerOptions,
  { limits, member, stopped }: IntakeParts,
) {
  /** Handles an event until that succeeds, as often as may be. */
  async function attempt(event: EventEnvelope, deliveries: number): Promise<Outcome> {
    let failure: unknown = new Error('It took down those who handled it');
    let tries = deliveries - 1;
    for (let failures = 0; tries < limits.tries; failures += 1) {
      try {
        await handle(event);
        return 'handled';
      } catch (error) {
        failure = error;
      }
      if (!isPassing(failure)) tries += 1;
      const { id, type } = event;
      log.warn({ err: failure, stream, group, event_id: id, type, attempt: tries }, 'An event failed');
      if (tries < limits.tries) await pause(Math.min(limits.firstRetryMs * 2 ** failures, longestRetryMs), stopped);
      if (stopped.aborted) return 'stopped';
    }
    return { failure, tries };
  }

  async function bury(id: string | undefined, text: string, { failure, tries }: Failed): Promise<void> {
    const error = failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
    await member.bury({ id, text }, { error: error.slice(0, 1_000), tries: String(tries) });
    metrics.dead.inc({ stream, group });
    log.error({ stream, group, id }, 'An event became a dead letter');
  }

  return { attempt, bury };
}

const userOf = (event: EventEnvelope): string => event.user_id ?? event.id;

function readEvent(text: string): EventEnvelope | Error {
  try {
    return parseEnvelope(text);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
