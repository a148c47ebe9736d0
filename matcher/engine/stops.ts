import { invariant } from '../../domain/errors.ts';
import { goOnAlone, otherOf, unlinkStop, type Core } from './core.ts';
import { act } from './intake.ts';
import { type Order } from './orders.ts';
import { type EventSink } from './types.ts';

/**
 * Triggers the stops that the command's trades came to, in rounds: those that the trades of one round came to act one
 * after the other, nearest stop price first, buys before sells, then in the order they came; their trades are the next
 * round's. Each round but the last takes at least one stop out of the book, so it ends.
 */
export function fireStops(core: Core, sink: EventSink): void {
  while (core.highestTicks > 0) {
    const { highestTicks, lowestTicks, buyStops, sellStops } = core;
    core.highestTicks = 0;
    core.lowestTicks = 0;
    // None comes to wait meanwhile: taking them one by one gives those that the round began with.
    for (let next = buyStops.best; next !== undefined && next.priceTicks <= highestTicks; next = buyStops.best) {
      fire(core, next.first, sink);
    }
    for (let next = sellStops.best; next !== undefined && next.priceTicks >= lowestTicks; next = sellStops.best) {
      fire(core, next.first, sink);
    }
  }
}

function fire(core: Core, stop: Order | undefined, sink: EventSink): void {
  invariant(stop !== undefined, 'a level has an order');
  const command = unlinkStop(core, stop);
  sink.triggered(stop);
  const other = otherOf(core, stop);
  if (other !== undefined) goOnAlone(core, stop, other, sink);
  act(core, stop, command, sink);
}
