import { Context } from '@temporalio/activity';
import type { SettlementExceptions } from '../services/settlement/exceptions.ts';
import type { SettlementService } from '../services/settlement/settlement.ts';

/** An attempt ends by itself and the next one goes on: a worker that stops waits for no longer than this. */
const attemptMs = 5_000;
/** Longer than the gap between two of the matcher's hints: under load one attempt follows the market. */
const lingerMs = 1_500;

/** Settlement as its workflow sees it: it takes the symbol, and reads what there is to settle itself. */
export const createSettlementActivities = (settlement: SettlementService) => ({
  settleTrades(symbol: string) {
    const context = Context.current();
    return settlement.settleTrades(symbol, {
      maxMs: attemptMs,
      lingerMs,
      over: context.cancellationSignal,
      tell: (settledSeq) => context.heartbeat(settledSeq),
    });
  },
});

export type SettlementActivities = ReturnType<typeof createSettlementActivities>;

/** A parked trade as its workflow sees it: it takes the id, and every call loads the row. */
export const createExceptionActivities = (exceptions: SettlementExceptions) => ({
  /** Null when no such trade was ever parked. */
  describeParkedTrade: async (tradeId: string) => (await exceptions.describe(tradeId)) ?? null,
  retryTrade: (tradeId: string) => exceptions.retry(tradeId),
});

export type ExceptionActivities = ReturnType<typeof createExceptionActivities>;
