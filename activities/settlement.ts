import { Context } from '@temporalio/activity';
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
