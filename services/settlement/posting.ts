import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import { processStart } from '../../domain/processes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { brokenRule, isPassing } from '../../storage/db-errors.ts';
import type { Database, Db } from '../../storage/db.ts';
import { isPosted, postTrades } from '../../storage/ledger/posting.ts';
import { parkTrade } from '../../storage/ledger/parked-trades.ts';
import { advanceSettlement, findProgress } from '../../storage/ledger/settlement.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { balancesChanged } from '../ledger/notices.ts';
import { settlementAggregate, tradeEvent } from './events.ts';

export interface Settled {
  readonly settledSeq: number;
  /** True when a trade was set aside. */
  readonly parked: boolean;
  /** For how long the batch held the locks of its accounts, in milliseconds; undefined when none was posted. */
  readonly lockedMs?: number;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
}

/** How often a batch is tried that met a deadlock or the like, before the error is thrown. */
const attempts = 5;

/** Where a market's settlement stands and what it takes on: `trades` follow `from`, gapless. */
interface Step {
  readonly symbol: string;
  readonly from: number;
  readonly trades: readonly CommittedTrade[];
}

/**
 * Posts trades and moves the progress in one transaction, so that a repeat or a rival does nothing. Trades that break a
 * rule are found by halving, and parked; any other error is thrown, with everything before it settled.
 */
export function createPosting({ db, clock, newId, log }: Deps) {
  /** False when the progress does not stand at `from` any more: another attempt was faster. */
  async function commit({ symbol, from, trades }: Step, write: (tx: Db, at: Date) => Promise<void>): Promise<boolean> {
    return db.tx('settlement', async (tx) => {
      const at = clock();
      if (!(await advanceSettlement(tx, { symbol, from, to: from + trades.length }, at))) return false;
      await write(tx, at);
      return true;
    });
  }

  async function post(step: Step): Promise<Settled> {
    const { symbol, from, trades } = step;
    let lockedMs = 0;
    const posted = await commit(step, async (tx, at) => {
      lockedMs = await postTrades(tx, symbol, trades, at);
      const userIds = trades.flatMap(({ buyerUserId, sellerUserId }) => [buyerUserId, sellerUserId]);
      await addToOutbox(tx, [balancesChanged(newId, { aggregate: settlementAggregate(symbol), userIds, at })], at);
    });
    return posted ? { settledSeq: from + trades.length, parked: false, lockedMs } : current(symbol);
  }

  const park = (step: Step, trade: CommittedTrade, reason: string): Promise<boolean> =>
    commit(step, async (tx, at) => {
      await parkTrade(tx, trade, reason, at);
      const parked = tradeEvent('wallet.trade.parked', newId(), trade, reason, at);
      const review = { kind: 'start', ...processStart('settlementException', trade.tradeId) } as const;
      await addToOutbox(tx, [parked, { aggregate: parked.aggregate, ...review }], at);
    });

  async function settleOne(step: Step, trade: CommittedTrade, reason: string): Promise<Settled> {
    const settledSeq = trade.tradeSeq;
    // Its legs are in the books already: only the progress is behind.
    if (await isPosted(db, trade.tradeId)) return { settledSeq: await move(step, settledSeq), parked: false };
    if (!(await park(step, trade, reason))) return current(step.symbol);
    log.error({ symbol: trade.symbol, trade_seq: settledSeq, reason }, 'A trade cannot be settled and was parked');
    return { settledSeq, parked: true };
  }

  const move = async (step: Step, to: number): Promise<number> =>
    (await commit(step, async () => undefined)) ? to : (await current(step.symbol)).settledSeq;

  const current = async (symbol: string): Promise<Settled> => ({ ...(await findProgress(db, symbol)), parked: false });

  async function settle(step: Step, attempt = 1): Promise<Settled> {
    const { symbol, from, trades } = step;
    try {
      return await post(step);
    } catch (error) {
      // The activity's own retry waits, and meanwhile nothing is settled.
      if (isPassing(error) && attempt < attempts) return settle(step, attempt + 1);
      const reason = brokenRule(error);
      if (reason === undefined) throw error;
      const [first] = trades;
      if (first !== undefined && trades.length === 1) return settleOne(step, first, reason);
      // Only the first half: what follows is read anew, so that a rival or a stop is noticed in between.
      return settle({ symbol, from, trades: trades.slice(0, Math.ceil(trades.length / 2)) });
    }
  }

  return {
    /** Settles at least the first of the trades, at most all; answers where the market stands then. */
    settle: (symbol: string, from: number, trades: readonly CommittedTrade[]) => settle({ symbol, from, trades }),
  };
}
