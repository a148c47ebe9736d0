/** Stories told in steps that became finer: what the door would send of them then. */
import fc from 'fast-check';
import { rescaledOrder } from '../../../matcher/engine/rescale.ts';
import { type Rescaling } from '../../../domain/trading/steps.ts';
import { type MarketLimits, type OrderCommand } from '../../../matcher/engine/types.ts';
import { limits, type Step } from './commands.ts';
import { type Command, storyLength } from './stories.ts';

/** Where in a story the market takes finer steps. */
export const rescalings = fc.array(
  fc.record({
    at: fc.nat({ max: storyLength - 1 }),
    ticks: fc.integer({ min: 1, max: 3 }),
    lots: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 4 },
);

export const unscaled: Rescaling = { ticks: 1, lots: 1 };

export const times = (a: Rescaling, b: Rescaling): Rescaling => ({ ticks: a.ticks * b.ticks, lots: a.lots * b.lots });

export const limitsIn = ({ ticks, lots }: Rescaling, of: MarketLimits = limits): MarketLimits => ({
  ...of,
  maxTicks: limits.maxTicks * ticks,
  maxLots: limits.maxLots * lots,
});

/** A story's command in finer steps: prices and quantities that the steps before could not say are among them. */
export function finer(command: Command, scale: Rescaling): Command {
  const { order, list, index } = command;
  const fine = (one: OrderCommand) => between(rescaledOrder(one, scale), scale, index);
  return {
    ...command,
    limits: limitsIn(scale),
    given: finerStep(command.given, scale, index),
    order: order && fine(order),
    list: list && { limit: fine(list.limit), stop: fine(list.stop) },
  };
}

function between(order: OrderCommand, { ticks, lots }: Rescaling, index: number): OrderCommand {
  const less = (amount: number, step: number): number => (amount === 0 ? 0 : amount - (index % step));
  return {
    ...order,
    lots: less(order.lots, lots),
    limitTicks: less(order.limitTicks, ticks),
    stopTicks: less(order.stopTicks, ticks),
    reserveTicks: less(order.reserveTicks, ticks),
    budget: less(order.budget, ticks * lots),
  };
}

function finerStep(step: Step, { ticks, lots }: Rescaling, index: number): Step {
  if (step.kind !== 'amend') return step;
  const less = (amount: number | undefined, by: number) => amount && amount * by - (index % by);
  return {
    ...step,
    lots: less(step.lots, lots),
    limitTicks: less(step.limitTicks, ticks),
    stopTicks: less(step.stopTicks, ticks),
  };
}
