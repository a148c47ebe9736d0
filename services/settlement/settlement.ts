import { largestBatch, nextBatchSize } from '../../domain/ledger/batch-size.ts';
import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import { invariant } from '../../domain/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { pause } from '../../platform/wait.ts';
import type { Database } from '../../storage/db.ts';
import { countParked, findProgress } from '../../storage/ledger/settlement.ts';
import type { TradeSource } from './ports.ts';
import { createPosting } from './posting.ts';

/** How far a market is settled, for people. */
export interface SettlementState {
  readonly settledSeq: number;
  /** Committed trades not settled yet. */
  readonly lag: number;
  /** Trades that wait for a person. */
  readonly parked: number;
  /** True when so many trades in a row could not be settled that something else must be wrong: nothing goes on. */
  readonly stopped: boolean;
}

export interface SettlementService {
  /**
   * Settles what a market's matcher committed, batch after batch, until nothing came for `lingerMs`, `maxMs` have
   * passed or `over` aborts. Safe to repeat and to run twice at once.
   */
  settleTrades(symbol: string, options?: SettleOptions): Promise<SettlementState>;
  state(symbol: string): Promise<SettlementState>;
}

export interface SettleOptions {
  readonly maxMs?: number;
  /** 0, the default: it ends when nothing is left. */
  readonly lingerMs?: number;
  /** While it lingers: how long trades gather, so that a few share a batch. */
  readonly gatherMs?: number;
  readonly over?: AbortSignal;
  /** Hears of every batch, and often enough in between to show that it is alive. */
  readonly tell?: (settledSeq: number) => void;
}

export interface SettlementDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  readonly trades: TradeSource;
  readonly kickOutbox: () => void;
}

const parksBeforeStop = 20;
const firstBatch = 100;
/** Without a trade for so long nobody waits for a lock, and batches may be as large as can be. */
const calmAfterMs = 2_000;

export function createSettlementService(deps: SettlementDeps): SettlementService {
  const { db, clock, log, trades, kickOutbox } = deps;
  const posting = createPosting(deps);

  async function state(symbol: string): Promise<SettlementState> {
    // The progress first: read the other way round, trades settled in between would make the lag negative.
    const { settledSeq, parked } = await findProgress(db, symbol);
    const lag = (await trades.lastSeq(db, symbol)) - settledSeq;
    return { settledSeq, lag, parked, stopped: await isStopped(symbol, settledSeq) };
  }

  async function isStopped(symbol: string, settledSeq: number): Promise<boolean> {
    const span = parksBeforeStop + 1;
    return settledSeq >= span && (await countParked(db, symbol, settledSeq, span)) === span;
  }

  function isCalm(batch: readonly CommittedTrade[]): boolean {
    const newest = batch.at(-1)?.executedAt;
    return newest !== undefined && clock().getTime() - newest.getTime() > calmAfterMs;
  }

  return {
    state,
    async settleTrades(symbol, options = {}) {
      const { maxMs = 20_000, lingerMs = 0, gatherMs = 100, over, tell = () => undefined } = options;
      const endsAt = performance.now() + maxMs;
      let lingersUntil = 0;
      let size = firstBatch;
      let { settledSeq } = await findProgress(db, symbol);
      if (await isStopped(symbol, settledSeq)) return state(symbol);
      while (over?.aborted !== true && performance.now() < endsAt) {
        const read = await trades.listAfter(db, symbol, settledSeq, largestBatch);
        const batch = isCalm(read) ? read : read.slice(0, size);
        if (batch.length > 0) {
          checkGapless(batch, settledSeq);
          const done = await posting.settle(symbol, settledSeq, batch);
          if (done.parked && (await isStopped(symbol, done.settledSeq))) {
            log.error({ symbol, trade_seq: done.settledSeq }, 'Too many trades in a row cannot be settled');
            break;
          }
          size = nextBatchSize(batch.length, done.lockedMs);
          settledSeq = done.settledSeq;
          lingersUntil = performance.now() + lingerMs;
          kickOutbox();
        }
        tell(settledSeq);
        if (settledSeq < (read.at(-1)?.tradeSeq ?? 0)) continue;
        if (performance.now() >= lingersUntil) break;
        await pause(gatherMs, over);
      }
      return state(symbol);
    },
  };
}

/** A gap would be skipped for ever: the matcher's commits must never show one. */
function checkGapless(batch: readonly CommittedTrade[], settledSeq: number): void {
  for (const [index, { tradeSeq, symbol }] of batch.entries()) {
    invariant(
      tradeSeq === settledSeq + 1 + index,
      `trades of ${symbol} follow one another after ${settledSeq + index}`,
    );
  }
}
