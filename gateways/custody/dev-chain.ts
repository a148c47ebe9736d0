import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

export interface SentTransaction {
  readonly hash: string;
  readonly nonce: string;
  readonly asset: string;
  readonly amount: string;
  readonly to: string;
  readonly sentAt: number;
}

/** A transfer that came, under its rail's name for it. */
export interface ArrivedTransfer {
  readonly reference: string;
  readonly asset: string;
  readonly amount: string;
  readonly arrivedAt: number;
}

type Entry = SentTransaction | ArrivedTransfer;

/** What happened on the development chain. */
export interface DevChain {
  find(hash: string): SentTransaction | undefined;
  /** All that was sent, oldest first. */
  sent(): readonly SentTransaction[];
  add(entry: Entry): void;
  /** A page of a statement that begins with the entry numbered `from`. */
  page(from: number): object;
}

const pageSize = 1_000;

/**
 * Opens a chain that is kept in `file`, a JSON object a line, and outlives its process; without one, it is as new.
 * Throws when the file cannot be read. What was added is on the disk.
 */
export function openDevChain(file: string | undefined): DevChain {
  const entries: Entry[] = file === undefined ? [] : readEntries(file);
  const sent = new Map(entries.filter(isSent).map((each) => [each.hash, each]));
  return {
    find: (hash) => sent.get(hash),
    sent: () => [...sent.values()],
    add(entry) {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`, { flush: true });
      entries.push(entry);
      if (isSent(entry)) sent.set(entry.hash, entry);
    },
    page(from) {
      const end = from + pageSize;
      return { lines: entries.slice(from, end).map(lineOf), next: end < entries.length ? String(end) : null };
    },
  };
}

const isSent = (entry: Entry): entry is SentTransaction => 'hash' in entry;

const lineOf = (entry: Entry): object =>
  isSent(entry)
    ? { direction: 'out', reference: entry.hash, ...amountOf(entry), to: entry.to, at: entry.sentAt }
    : { direction: 'in', reference: entry.reference, ...amountOf(entry), at: entry.arrivedAt };

const amountOf = ({ asset, amount }: Entry): Pick<Entry, 'asset' | 'amount'> => ({ asset, amount });

function readEntries(file: string): Entry[] {
  mkdirSync(dirname(file), { recursive: true });
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // A process that died while it wrote has left half a line, of something it had not answered for.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}
