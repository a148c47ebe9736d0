/** What amends make of the naive book's orders. */
import {
  type AmendCommand,
  type AmendedTerms,
  type AmendRefusal,
  type MarketLimits,
  type OrderTerms,
} from '../../../matcher/engine/types.ts';
import { crosses, isCrossed, type NaiveOrder } from './naive-orders.ts';

/** The order as it would be: another one, which is in no list. */
export function amended(order: NaiveOrder, { to }: AmendCommand): { after: NaiveOrder; terms: AmendedTerms } {
  const { command, limitTicks, stopTicks, executedLots, preventedLots } = order;
  const isRepriced = to.limitTicks !== limitTicks;
  const reserveTicks = isRepriced && command.reserveTicks > 0 ? to.limitTicks : command.reserveTicks;
  const after = {
    ...order,
    command: { ...command, ...to, reserveTicks },
    limitTicks: to.limitTicks,
    stopTicks: to.stopTicks,
    openLots: command.budget > 0 ? 0 : to.lots - executedLots - preventedLots,
  };
  const keepsPlace = !isRepriced && to.stopTicks === stopTicks && to.lots <= command.lots;
  const hasPrice = command.orderType === 'LIMIT' || command.orderType === 'STOP_LIMIT';
  return { after, terms: { ...to, hasPrice, reserveTicks, keepsPlace } };
}

/** Why it must stay as it is; `best` is the first of the other side. */
export function judgeAmend(
  order: NaiveOrder,
  after: NaiveOrder,
  { from: asked, to, funds }: AmendCommand,
  { status, minTicks, maxTicks, minLots, maxLots }: MarketLimits,
  lastTicks: number,
  best: NaiveOrder | undefined,
  needed: number,
): AmendRefusal | undefined {
  const { command, stopSeq } = order;
  const isStop = stopSeq > 0;
  const now = { lots: command.lots, limitTicks: order.limitTicks, stopTicks: order.stopTicks };
  const same = (one: OrderTerms) => [one.lots, one.limitTicks, one.stopTicks].join() === Object.values(now).join();
  const from = same(to) ? to : asked;
  const isOutside = (price: number) => price < minTicks || price > maxTicks;
  const [sameLots, samePrice] = [to.lots === from.lots, to.limitTicks === from.limitTicks];
  const sameStop = to.stopTicks === from.stopTicks;
  if (order.other !== undefined) return 'ORDER_IN_LIST';
  if (['HALTED', 'CANCEL_ONLY', 'DELISTED'].includes(status)) return 'MARKET_NOT_ACTIVE';
  if (status === 'POST_ONLY' && !command.postOnly) return 'MARKET_POST_ONLY';
  if (!same(from) || needed > funds) return 'ORDER_CHANGED';
  if (!isStop && !sameStop) return 'ORDER_CHANGED';
  if (command.budget === 0 && after.openLots <= 0) return 'INVALID_QUANTITY';
  if (!sameLots && (to.lots < minLots || to.lots > maxLots)) return 'INVALID_QUANTITY';
  if (samePrice && sameStop && to.lots <= from.lots) return undefined;
  if (command.orderType.includes('LIMIT') && isOutside(to.limitTicks)) return 'INVALID_PRICE';
  if (isStop && isOutside(to.stopTicks)) return 'INVALID_PRICE';
  if (isStop && lastTicks > 0 && isCrossed(after, lastTicks)) return 'STOP_WOULD_TRIGGER';
  if (!isStop && command.postOnly && best !== undefined && crosses(after, best)) return 'POST_ONLY_WOULD_TAKE';
  return undefined;
}
