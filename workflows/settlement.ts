import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SettlementActivities } from '../activities/settlement.ts';
import { statusQuery } from '../temporal/names/queries.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { tradesMatchedSignal } from '../temporal/names/signals.ts';

/** A lost signal costs at most this. */
const wakeAfter = '30s';
const mostSignals = 5_000;

const { settleTrades } = proxyActivities<SettlementActivities>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '10s',
  // The loop below is the retry that lasts, and says in between what is wrong.
  retry: { maximumInterval: '10s', maximumAttempts: 10 },
});

type State = Awaited<ReturnType<typeof settleTrades>>;

/**
 * Runs that were begun without it can be searched for by their symbol only, until they go on as a new run; once the
 * last of them has, this goes. Asked once a run: in the midst of one the answer would change.
 */
const tellsState = 'settlement-tells-its-state';

/** Settles one market's trades for ever. A signal is a hint that there are some; the activity reads them itself. */
export async function settlement(symbol: string): Promise<void> {
  const canTell = patched(tellsState);
  const seen = { signals: 0, hinted: true };
  let state: State | undefined;
  let trouble: string | undefined;
  let told: string | undefined;
  setHandler(
    tradesMatchedSignal,
    () => {
      seen.signals += 1;
      seen.hinted = true;
    },
    { description: 'Trades were committed: look now.' },
  );
  setHandler(statusQuery, () => ({ symbol, ...state, ...(trouble !== undefined && { trouble }) }), {
    description: 'How far the market is settled.',
  });
  upsertSearchAttributes([{ key: searchAttributes.symbol, value: symbol }]);

  function tell(): void {
    setCurrentDetails(describe(symbol, state, trouble));
    const now = caseState(state, trouble);
    if (canTell && now !== told) upsertSearchAttributes([{ key: searchAttributes.caseState, value: now }]);
    told = now;
  }

  /** True when it got on and more is known to wait. */
  async function settle(): Promise<boolean> {
    // Forgotten before anything is read: a hint that comes meanwhile is followed in the next round.
    seen.hinted = false;
    const before = state?.settledSeq ?? -1;
    try {
      state = await settleTrades(symbol);
      trouble = undefined;
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      trouble = error.cause?.message ?? error.message;
    }
    tell();
    return state !== undefined && state.lag > 0 && state.settledSeq > before;
  }

  while (!workflowInfo().continueAsNewSuggested && seen.signals < mostSignals) {
    if (!(await settle())) await condition(() => seen.hinted, wakeAfter);
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof settlement>(symbol);
}

function caseState(state: State | undefined, trouble: string | undefined): 'SETTLING' | 'STOPPED' | 'TROUBLE' {
  if (trouble !== undefined) return 'TROUBLE';
  return state?.stopped === true ? 'STOPPED' : 'SETTLING';
}

function describe(symbol: string, state: State | undefined, trouble: string | undefined): string {
  const lines = [`### Settlement of ${symbol}`, ''];
  if (state !== undefined) {
    lines.push(`Settled up to trade ${state.settledSeq}; ${state.lag} to go; ${state.parked} parked.`);
    if (state.stopped) {
      lines.push('', '**Stopped**: too many trades in a row could not be settled. It waits until they are looked at.');
    }
  }
  if (trouble !== undefined) lines.push('', `**Not settling**: ${trouble}. It is tried again every ${wakeAfter}.`);
  return lines.join('\n');
}
