import { element, part } from './dom.ts';
import { decimalsOf, show } from './format.ts';
import type { Market, Trade } from './types.ts';

/** How many trades are kept and shown. */
export const shownTrades = 30;

/** Writes the newest trades, newest first. An arrow says what the colour says: who took, a buyer or a seller. */
export function drawTrades(trades: readonly Trade[], { tick_size, lot_size }: Market): void {
  const rows = trades.map(({ price, quantity, taker_side, executed_at }) => {
    const row = element('tr');
    const bought = taker_side === 'BUY';
    const time = element('time', executed_at.slice(11, 19));
    time.dateTime = executed_at;
    const when = element('td');
    when.append(time);
    const arrow = bought ? '▲' : '▼';
    row.append(
      element('td', `${arrow} ${show(price, decimalsOf(tick_size))}`, bought ? 'up' : 'down'),
      element('td', show(quantity, decimalsOf(lot_size))),
      when,
    );
    return row;
  });
  part('trades', HTMLTableSectionElement).replaceChildren(...rows);
}
