import { Context } from '@temporalio/activity';
import type { SettlementService } from '../services/settlement/settlement.ts';

/** Shorter than its start-to-close time-out (60 s): an attempt ends by itself, and the next one goes on. */
const attemptMs = 20_000;
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
