import { type Arrival, arrivalOf } from './intake.ts';
import type { Market } from './market.ts';

/** So many markets go on telling ends in one batch, at most. */
const mostMarkets = 3;

/** Whether some market has ended orders whose ends are not told yet. */
export const hasArrears = (markets: ReadonlyMap<string, Market>): boolean =>
  [...markets.values()].some(({ book }) => book.dying() > 0);

/** What goes on telling ends; those markets first that have most to tell. */
export function arrearsOf(markets: ReadonlyMap<string, Market>): readonly Arrival[] {
  const behind = [...markets.values()].filter(({ book }) => book.dying() > 0);
  behind.sort((a, b) => b.book.dying() - a.book.dying());
  return behind.slice(0, mostMarkets).map(({ symbol }) => arrivalOf(symbol, { kind: 'TELL_ENDS' }));
}

/** Those that wait in the backlog: what goes on telling ends is made anew for every batch. */
export const withoutArrears = (arrivals: readonly Arrival[]): readonly Arrival[] =>
  arrivals.filter(({ command }) => command?.kind !== 'TELL_ENDS');
