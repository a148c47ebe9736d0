import { invariant } from '../../domain/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { pause } from '../../platform/wait.ts';
import type { Database } from '../../storage/db.ts';
import { foldCandles, listUnfolded, type UnfoldedMarket } from '../../storage/trading/candles.ts';

export interface CandleFolder {
  /** Takes one step in every market that is behind; answers whether any is behind still. */
  foldOnce(): Promise<boolean>;
  /** Folds new trades within a second until `over`: work for a lease. */
  foldUntil(over: AbortSignal): Promise<void>;
}

interface Deps {
  readonly db: Database;
  readonly log: Logger;
  /** Trades a step, at most: what a statement can do in a fraction of a second. */
  readonly stepTrades?: number;
}

const idleMs = 1_000;

/**
 * Folds committed trades into candles, each once: a step is one statement that also moves the market's progress, from
 * where it was read. It may end anywhere, run twice at once, and begin long after the first trade.
 */
export function createCandleFolder({ db, log, stepTrades = 5_000 }: Deps): CandleFolder {
  async function step(market: UnfoldedMarket): Promise<boolean> {
    const { symbol, foldedSeq, lastSeq } = market;
    const to = Math.min(lastSeq, foldedSeq + stepTrades);
    const { found } = await foldCandles(db, market, to);
    // Read as committed, so all of them must be there: a gap would be skipped for ever.
    invariant(found === to - foldedSeq, `trades of ${symbol} follow one another from ${foldedSeq} to ${to}`);
    return to < lastSeq;
  }

  async function foldOnce(): Promise<boolean> {
    let behind = false;
    for (const market of await listUnfolded(db)) {
      try {
        behind = (await step(market)) || behind;
      } catch (err) {
        log.error({ err, symbol: market.symbol }, 'Trades could not be folded into candles; it is tried again');
      }
    }
    return behind;
  }

  return {
    foldOnce,
    async foldUntil(over) {
      while (!over.aborted) {
        if (!(await foldOnce())) await pause(idleMs, over);
      }
    },
  };
}
