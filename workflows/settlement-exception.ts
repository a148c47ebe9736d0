import {
  allHandlersFinished,
  condition,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ExceptionActivities } from '../activities/settlement.ts';
import { decisionClosed, parseApproval } from '../domain/compliance/decision.ts';
import { bustDescription, parkedTradeDetails, type ParkedTradeView } from '../domain/ledger/parked-trade.ts';
import { bustUpdate, describeParkedTradeQuery, retryUpdate } from '../temporal/names/decide.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';
import { openDesk } from './desk.ts';

/** Somebody may have repaired and settled it without a word. */
const lookAgainAfter = '1 day';

const { describeParkedTrade } = proxyActivities<ExceptionActivities>({
  startToCloseTimeout: '20s',
  retry: { maximumInterval: '1m' },
});
const { retryTrade } = proxyActivities<ExceptionActivities>({
  startToCloseTimeout: '20s',
  // Somebody waits for the answer.
  scheduleToCloseTimeout: '30s',
});

/** A trade that could not be settled: people have it tried again once it is repaired, or two officers take it back. */
export async function settlementException(tradeId: string): Promise<void> {
  const door = { update: bustUpdate, parse: parseApproval, description: bustDescription };
  const desk = openDesk<ParkedTradeView>('trade', tradeId, describeParkedTradeQuery, door);
  setHandler(
    retryUpdate,
    async () => {
      try {
        return await retryTrade(tradeId);
      } finally {
        desk.changed = true;
      }
    },
    {
      validator: () => {
        const { state = 'being loaded' } = desk.view ?? {};
        if (state !== 'REVIEW') throw decisionClosed(state.toLowerCase());
      },
      description: 'Settle this trade as it was made, once what was wrong is repaired. No input.',
    },
  );
  do {
    desk.changed = false;
    desk.view = await describeParkedTrade(tradeId);
    if (desk.view === null) {
      setCurrentDetails('No trade under this id was parked: nothing is done.');
      break;
    }
    show(desk.view);
    if (desk.view.state === 'REVIEW') await condition(() => desk.changed, lookAgainAfter);
  } while (desk.view.state === 'REVIEW');
  await condition(allHandlersFinished);
}

function show(view: ParkedTradeView): void {
  upsertSearchAttributes([
    { key: searchAttributes.symbol, value: view.symbol },
    { key: searchAttributes.caseState, value: view.state },
    { key: searchAttributes.officer, value: view.decisions.at(-1)?.officerId ?? null },
  ]);
  setCurrentDetails(parkedTradeDetails(view));
}
