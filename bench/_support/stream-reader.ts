/**
 * One member of a consumer group, as a process of its own: the consumer library, or a bare loop that reads and
 * acknowledges and looks at nothing. Reports what it handled when asked, and then forgets it.
 */
import { Redis } from 'ioredis';
import { silentLogger } from '../../platform/log.ts';
import { createStreamMetrics, startConsumer } from '../../platform/streams/consumer.ts';
import { createMetrics } from '../../platform/telemetry.ts';

/** What one reader handled: enough to see whether all readers together handled each event once. */
export interface Handled {
  readonly events: number;
  readonly sum: number;
  readonly squares: number;
  /** From publishing to the end of the handler, in milliseconds. */
  readonly latencies: readonly number[];
}

const group = 'bench';
const [url = '', stream = '', consumer = '', kind = ''] = process.argv.slice(2);
const redis = new Redis(url);
let [events, sum, squares] = [0, 0, 0];
let latencies: number[] = [];

const now = (): number => performance.timeOrigin + performance.now();

function note(n: number, sentAt: number): void {
  events += 1;
  sum += n;
  // Small enough to stay exact over millions.
  squares += (n % 1_000) ** 2;
  latencies.push(now() - sentAt);
}

async function readBare(): Promise<void> {
  await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM').catch(() => undefined);
  for (;;) {
    const reply = (await redis.xreadgroup(
      'GROUP',
      group,
      consumer,
      'COUNT',
      512,
      'BLOCK',
      1_000,
      'STREAMS',
      stream,
      '>',
    )) as [string, [string, string[]][]][] | null;
    const entries = reply?.[0]?.[1] ?? [];
    if (entries.length === 0) continue;
    events += entries.length;
    await redis.xack(stream, group, ...entries.map(([id]) => id));
  }
}

if (kind === 'bare') {
  void readBare();
} else {
  startConsumer({
    redis,
    stream,
    group,
    consumer,
    handle: async ({ payload }) => note(Number(payload['n']), Number(payload['sent_at'])),
    log: silentLogger,
    metrics: createStreamMetrics(createMetrics()),
  });
}

process.on('message', () => {
  process.send?.({ events, sum, squares, latencies } satisfies Handled);
  [events, sum, squares] = [0, 0, 0];
  latencies = [];
});
process.send?.('ready');
