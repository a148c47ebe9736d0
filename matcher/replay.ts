import { readCommand } from '../domain/trading/command.ts';
import type { JournalRow } from '../storage/trading/matching-journal.ts';
import { makeBatch } from './batch.ts';
import type { MassEnd } from './engine/state.ts';
import type { Arrival, Lookups } from './intake.ts';
import type { JournalEvents } from './journal.ts';
import type { Market } from './market.ts';

const nothing: Lookups = { orders: new Map(), missing: new Set(), done: new Set() };

/** A batch of the journal that comes out otherwise when it is replayed. */
export interface Divergence {
  readonly batch: number;
  readonly written: JournalEvents;
  readonly replayed: JournalEvents;
}

/**
 * Applies one journal row to a market that stands at the batch before it, and compares what comes out. Undefined when
 * it is the same, as it must be.
 */
export function replay(market: Market, row: JournalRow): Divergence | undefined {
  const arrivals = (row.inputs as readonly object[]).map((input): Arrival => {
    const text = JSON.stringify(input);
    return { symbol: market.symbol, streamId: undefined, text, command: readCommand(text) };
  });
  const time = row.batchTime.getTime();
  const made = makeBatch(new Map([[market.symbol, market]]), arrivals, nothing, time, Infinity);
  market.batch = row.batch;
  const written = row.events as JournalEvents;
  const none: JournalEvents = { o: [], t: [], l: [market.book.bookSeq, market.book.bookSeq, []], d: [] };
  const replayed = made.markets[0]?.events ?? none;
  return sameEvents(written, replayed) ? undefined : { batch: row.batch, written, replayed };
}

/** JSON columns have an order of their own. */
const inOrder = ({ reason, userId, bookSeq, stopSeq, until }: MassEnd): unknown[] => [
  ...[reason, userId ?? null, bookSeq, stopSeq, until],
];

/** Dead letters are not replayed, nor the orders that were rejected with them: they never reached the book. */
function sameEvents(written: JournalEvents, replayed: JournalEvents): boolean {
  const reached = ({ 7: reason }: JournalEvents['o'][number]): boolean => reason !== 'FAULTED';
  const text = ({ o, t, l, x = [] }: JournalEvents): string =>
    JSON.stringify([o.filter(reached), t, l, x.map(inOrder)]);
  return text(written) === text(replayed);
}
