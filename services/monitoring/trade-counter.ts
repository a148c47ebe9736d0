import { createBatcher } from '../../platform/batcher.ts';
import type { Logger } from '../../platform/log.ts';
import type { Database } from '../../storage/db.ts';
import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import { addCounts, lockCounted, setCounted } from '../../storage/monitoring/counts.ts';

export interface SeenTrade {
  readonly symbol: string;
  readonly tradeSeq: number;
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
}

export interface TradeCounterDeps {
  readonly db: Database;
  readonly log: Logger;
  /** A market's committed trades after a number, in order. */
  readonly listTradesAfter: (
    db: Database,
    symbol: string,
    seq: number,
    limit: number,
  ) => Promise<readonly Pick<CommittedTrade, 'tradeSeq' | 'executedAt'>[]>;
  /** Numbers were missing before an event: they were counted from the books instead. */
  readonly onGap: (symbol: string, missing: number) => void;
}

const mostAtOnce = 1_000;
/** One commit for what comes in so long: the counts are for people. */
const gatherMs = 200;
const pageSize = 5_000;

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

/**
 * Counts each trade once, by the numbers that a market's trades have without gaps: one seen before is known by its
 * number, and numbers that are missing say that the stream has lost events, which are then had from the books.
 */
export function createTradeCounter({ db, log, listTradesAfter, onGap }: TradeCounterDeps) {
  const type = 'trade.executed';

  /** Counts a run of trades without gaps; answers where the count stands, unless something is missing before them. */
  async function addRun(symbol: string, run: readonly SeenTrade[]): Promise<number | undefined> {
    return db.tx('count-trades', async (tx) => {
      const counted = await lockCounted(tx, symbol);
      const news = run.filter(({ tradeSeq }) => tradeSeq > counted);
      const [first, last] = [news[0], news.at(-1)];
      if (first === undefined || last === undefined) return undefined;
      if (first.tradeSeq !== counted + 1) return counted;
      await addCounts(tx, { type, symbol, byDay: tally(news.map(({ day }) => day)) });
      await setCounted(tx, symbol, last.tradeSeq);
      return undefined;
    });
  }

  /** Counts from the books as far as `upTo`. What is archived there by then is passed over. */
  async function fill(symbol: string, from: number, upTo: number): Promise<void> {
    for (let counted = from; counted < upTo;) {
      const trades = await listTradesAfter(db, symbol, counted, Math.min(pageSize, upTo - counted));
      const page = trades.filter(({ tradeSeq }) => tradeSeq <= upTo);
      const next = page.at(-1)?.tradeSeq ?? upTo;
      const expected = counted;
      const done = await db.tx('count-missed-trades', async (tx) => {
        if ((await lockCounted(tx, symbol)) !== expected) return false;
        await addCounts(tx, { type, symbol, byDay: tally(page.map(({ executedAt }) => dayOf(executedAt))) });
        await setCounted(tx, symbol, next);
        return true;
      });
      if (!done) return;
      onGap(symbol, next - counted);
      log.warn(
        { symbol, from: counted + 1, to: next },
        'Trades that the stream did not bring were counted from the books',
      );
      counted = next;
    }
  }

  async function count(symbol: string, seen: readonly SeenTrade[]): Promise<void> {
    for (const run of runsOf(seen)) {
      for (;;) {
        const counted = await addRun(symbol, run);
        if (counted === undefined) break;
        await fill(symbol, counted, (run[0]?.tradeSeq ?? 0) - 1);
      }
    }
  }

  const batcher = createBatcher<SeenTrade, undefined>({
    maxSize: mostAtOnce,
    windowMs: gatherMs,
    async run(batch) {
      for (const [symbol, seen] of Map.groupBy(batch, (each) => each.symbol)) await count(symbol, seen);
      return batch.map(() => undefined);
    },
  });

  /** Resolves when the trade is counted, now or before. */
  return (trade: SeenTrade): Promise<undefined> => batcher.add(trade);
}

/** Trades by number, each once, in runs without gaps. */
function runsOf(seen: readonly SeenTrade[]): readonly (readonly SeenTrade[])[] {
  const runs: SeenTrade[][] = [];
  for (const trade of seen.toSorted((a, b) => a.tradeSeq - b.tradeSeq)) {
    const last = runs.at(-1)?.at(-1)?.tradeSeq;
    if (trade.tradeSeq === last) continue;
    if (last !== undefined && trade.tradeSeq === last + 1) runs.at(-1)?.push(trade);
    else runs.push([trade]);
  }
  return runs;
}

function tally(days: readonly string[]): ReadonlyMap<string, number> {
  const byDay = new Map<string, number>();
  for (const day of days) byDay.set(day, (byDay.get(day) ?? 0) + 1);
  return byDay;
}
