import type { PlacedOrder, TradingCommand } from '../domain/trading/command.ts';
import { type Rescaling, rescalingOf, type Steps } from '../domain/trading/steps.ts';
import { rescaledAmend, rescaledOrder } from './engine/rescale.ts';
import type { Arrival } from './intake.ts';
import type { Market } from './market.ts';

/** Whether a change brings steps that the market does not count in yet. */
export const bringsSteps = ({ steps }: Pick<Market, 'steps'>, brought: Steps | undefined): brought is Steps =>
  brought !== undefined && brought.version > steps.version;

/** What it takes to count in new steps. Throws when they do not divide those that the book counts in. */
export function rescalingTo({ steps }: Pick<Market, 'steps'>, to: Steps): Rescaling {
  const rescaling = rescalingOf(steps, to);
  if (rescaling === undefined) throw new Error('New steps divide the old ones');
  return rescaling;
}

/** Has everything but the book, which does by now, count in new steps. */
export function takeSteps(market: Market, steps: Steps): void {
  market.pastSteps.push(market.steps);
  market.steps = steps;
  market.units = market.unitsOf(steps);
}

/**
 * A command in the steps that its market counts in by now. One in steps that the market never had, or worth no exact
 * number any more, gets a fault: the door lets neither happen.
 */
export function inPresentSteps(market: Market, arrival: Arrival): Arrival {
  const { command } = arrival;
  const stepsVersion = command === undefined ? undefined : stepsVersionOf(command);
  if (command === undefined || stepsVersion === undefined || stepsVersion === market.steps.version) return arrival;
  const from = market.pastSteps.find(({ version }) => version === stepsVersion);
  const by = from === undefined ? undefined : rescalingOf(from, market.steps);
  const counted = by === undefined ? undefined : rescaled(command, by);
  if (counted !== undefined) return { ...arrival, command: counted };
  return { ...arrival, fault: { error: 'It does not fit the steps of its market', level: 2, ...arrival.fault } };
}

function stepsVersionOf(command: TradingCommand): number | undefined {
  switch (command.kind) {
    case 'PLACE':
      return command.order.stepsVersion;
    case 'PLACE_LIST':
      return command.limit.stepsVersion;
    case 'AMEND':
      return command.stepsVersion;
    default:
      return undefined;
  }
}

/** Undefined when the numbers are not exact any more. */
function rescaled(command: TradingCommand, by: Rescaling): TradingCommand | undefined {
  switch (command.kind) {
    case 'PLACE': {
      const order = rescaledOrder(command.order, by);
      return isExact(order) ? { ...command, order } : undefined;
    }
    case 'PLACE_LIST': {
      const [limit, stop] = [rescaledOrder(command.limit, by), rescaledOrder(command.stop, by)];
      return isExact(limit) && isExact(stop) ? { ...command, limit, stop } : undefined;
    }
    case 'AMEND': {
      const amend = rescaledAmend(command, command.side === 'BUY', by);
      return Number.isSafeInteger(amend.funds) ? amend : undefined;
    }
    default:
      return command;
  }
}

const isExact = ({ lots, limitTicks, stopTicks, reserveTicks, budget }: PlacedOrder): boolean =>
  [Math.max(lots, 1) * Math.max(limitTicks, stopTicks, reserveTicks), budget].every(Number.isSafeInteger);
