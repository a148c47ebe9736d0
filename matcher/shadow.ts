import type { Db } from '../storage/db.ts';
import { type JournalRow, readJournal } from '../storage/trading/matching-journal.ts';
import { loadStoredMarket } from '../storage/trading/matching-state.ts';
import { engineVersion } from './engine/book.ts';
import type { Market } from './market.ts';
import { loadNewMarket } from './recovery.ts';
import { replay } from './replay.ts';

/** What came of replaying a market's journal. */
export interface Shadow {
  readonly batches: number;
  /** Of the replayed book. */
  readonly hash: string;
  /** The first thing that is otherwise than it was committed; undefined when nothing is. */
  readonly fault: string | undefined;
}

const rowsAtOnce = 500;

/**
 * Replays all that a market's matcher ever took in into an empty book, and compares the events of each batch, and the
 * state's hash after the last, with those that were committed. Reads only: beside a working matcher it goes as far as
 * the market was when it began. Rejects when there is no such market.
 */
export async function shadow(db: Db, symbol: string): Promise<Shadow> {
  const { batch: last, hash: committed } = await loadStoredMarket(db, symbol);
  const market = await loadNewMarket(db, symbol);
  const stopped = (fault: string | undefined): Shadow => ({ batches: market.batch, hash: market.book.hash(), fault });
  while (market.batch < last) {
    const rows = await readJournal(db, symbol, market.batch, Math.min(rowsAtOnce, last - market.batch));
    if (rows.length === 0) return stopped(`the journal lacks a batch: ${market.batch + 1}`);
    for (const row of rows) {
      const fault = findFault(market, row);
      if (fault !== undefined) return stopped(fault);
    }
  }
  const isCommitted = committed === null || market.book.hash() === committed;
  return stopped(isCommitted ? undefined : `the replayed journal does not give the book: its hash is ${committed}`);
}

function findFault(market: Market, row: JournalRow): string | undefined {
  if (row.batch !== market.batch + 1) return `the journal lacks a batch: ${market.batch + 1}`;
  if (row.engineVersion !== engineVersion) {
    const versions = `of engine version ${row.engineVersion}, this is ${engineVersion}`;
    return `batch ${row.batch} is ${versions}: replay it with that`;
  }
  const divergence = replay(market, row);
  if (divergence === undefined) return undefined;
  const { written, replayed } = divergence;
  return `a batch replays otherwise: ${row.batch}, ${JSON.stringify(replayed)} in place of ${JSON.stringify(written)}`;
}
