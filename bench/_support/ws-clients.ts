/**
 * WebSocket clients as a process of their own. Told `open`, it connects and subscribes; told `measure`, it notes when
 * each message arrives; told `report` with when each sequence was published, it answers how long they took.
 */
import { WebSocket } from 'ws';

export interface OpenClients {
  readonly op: 'open';
  readonly url: string;
  readonly channel: string;
  /** A multiple of 50. */
  readonly connections: number;
}

/** Published sequences up to which, in order, and at which time (milliseconds since 1970). */
export interface Published {
  readonly lastSequence: number;
  readonly at: number;
}

export type ClientsOrder =
  OpenClients | { readonly op: 'measure' } | { readonly op: 'report'; readonly published: readonly Published[] };

export interface Delivered {
  /** Milliseconds from publishing to arrival. */
  readonly latencies: readonly [p50: number, p99: number, max: number];
  readonly messages: number;
  /** Messages that do not follow the one before, and connections that closed. */
  readonly gaps: number;
  readonly closed: number;
}

const openedAtOnce = 50;
let isMeasuring = false;
let gaps = 0;
let closed = 0;
let count = 0;
/** First sequence and time of arrival, message by message. */
let seen = new Float64Array(1 << 20);

const now = (): number => performance.timeOrigin + performance.now();

function numberAt(text: string, field: string): number {
  const at = text.indexOf(field);
  return at < 0 ? Number.NaN : Number.parseInt(text.slice(at + field.length, at + field.length + 16), 10);
}

function note(first: number, at: number): void {
  if (count + 2 > seen.length) {
    const more = new Float64Array(seen.length * 2);
    more.set(seen);
    seen = more;
  }
  seen[count] = first;
  seen[count + 1] = at;
  count += 2;
}

async function connect({ url, channel }: OpenClients): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let last = Number.NaN;
  socket.on('close', () => (closed += 1));
  socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', channels: [channel] })));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const at = now();
      const text = data.toString('latin1');
      const first = numberAt(text, '"first_sequence":');
      if (Number.isNaN(first)) return;
      const isUpdate = text.includes('"type":"update"');
      if (isUpdate && isMeasuring) {
        if (first !== last + 1) gaps += 1;
        note(first, at);
      }
      last = numberAt(text, '"last_sequence":');
      resolve();
    });
  });
}

function report(published: readonly Published[]): Delivered {
  const latencies = new Float64Array(count / 2);
  for (let index = 0; index < count; index += 2) {
    const first = seen[index] ?? 0;
    let low = 0;
    let high = published.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((published[middle]?.lastSequence ?? 0) < first) low = middle + 1;
      else high = middle;
    }
    latencies[index / 2] = (seen[index + 1] ?? 0) - (published[low]?.at ?? 0);
  }
  latencies.sort();
  const at = (percent: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor((latencies.length * percent) / 100))] ?? Number.NaN;
  return { latencies: [at(50), at(99), at(100)], messages: latencies.length, gaps, closed };
}

async function obey(order: ClientsOrder): Promise<unknown> {
  if (order.op === 'report') return report(order.published);
  if (order.op === 'measure') isMeasuring = true;
  else {
    for (let opened = 0; opened < order.connections; opened += openedAtOnce) {
      await Promise.all(Array.from({ length: openedAtOnce }, () => connect(order)));
    }
  }
  return order.op;
}

process.on('message', (order: ClientsOrder) => void obey(order).then((answer) => process.send?.(answer)));
