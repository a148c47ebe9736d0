/** What every event on a stream looks like. `payload` has a schema per type in the contract. */
export interface EventEnvelope {
  /** UUIDv7; consumers drop repeats by it. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly trace_id: string;
  readonly user_id?: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata: EventMetadata;
}

export interface EventMetadata {
  /** The service that made the event. */
  readonly source: string;
  readonly ip_address?: string;
  readonly user_agent?: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads an entry's text. Throws when it is no envelope: such an entry is poison and can only be set aside. */
export function parseEnvelope(text: string): EventEnvelope {
  const event: unknown = JSON.parse(text);
  const texts = ['id', 'type', 'timestamp', 'trace_id'];
  if (
    !isRecord(event) ||
    !texts.every((name) => typeof event[name] === 'string') ||
    typeof event['version'] !== 'number' ||
    !isRecord(event['payload']) ||
    !isRecord(event['metadata'])
  ) {
    throw new Error('The entry is not an event envelope');
  }
  return event as unknown as EventEnvelope;
}
