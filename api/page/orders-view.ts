import { element, part } from './dom.ts';
import { decimalsOf, show } from './format.ts';
import type { Market, Order } from './types.ts';

/** Writes the open orders. Rows that stay keep their place and their focus. */
export function createOrdersView(cancel: (order: Order) => Promise<void>) {
  const body = part('own-orders', HTMLTableSectionElement);
  const rows = new Map<string, { readonly row: HTMLTableRowElement; shown: string }>();

  function fill(row: HTMLTableRowElement, order: Order, market: Market | undefined): void {
    const button = row.querySelector('button') ?? makeButton(order);
    const tick = decimalsOf(market?.tick_size ?? '1');
    const lot = decimalsOf(market?.lot_size ?? '1');
    const bought = order.side === 'BUY';
    const cells = [
      element('td', order.symbol),
      element('td', `${bought ? '▲ Buy' : '▼ Sell'} ${describeType(order, tick)}`, bought ? 'up' : 'down'),
      element('td', order.price === null ? '–' : show(order.price, tick)),
      element('td', order.quantity === null ? '–' : show(order.quantity, lot)),
      element('td', show(order.filled_quantity, lot)),
      element('td', order.status.toLowerCase().replaceAll('_', ' ')),
    ];
    const last = button.parentElement ?? element('td');
    for (const cell of row.querySelectorAll('td')) if (cell !== last) cell.remove();
    row.prepend(...cells);
    if (button.parentElement === null) last.append(button);
    if (last.parentElement === null) row.append(last);
  }

  function makeButton(order: Order): HTMLButtonElement {
    const button = element('button', 'Cancel');
    button.type = 'button';
    button.setAttribute(
      'aria-label',
      `Cancel ${order.side.toLowerCase()} ${order.symbol} at ${order.price ?? order.stop_price ?? 'market'}`,
    );
    button.addEventListener('click', () => {
      button.disabled = true;
      void cancel(order).finally(() => (button.disabled = false));
    });
    return button;
  }

  return (orders: readonly Order[], markets: readonly Market[]): void => {
    const ids = new Set(orders.map(({ order_id }) => order_id));
    for (const [id, { row }] of rows) {
      if (ids.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    orders.forEach((order, index) => {
      const known = rows.get(order.order_id) ?? { row: element('tr'), shown: '' };
      rows.set(order.order_id, known);
      const text = `${order.status} ${order.filled_quantity}`;
      if (known.shown !== text) {
        const market = markets.find(({ symbol }) => symbol === order.symbol);
        fill(known.row, order, market);
        known.shown = text;
      }
      if (body.children[index] !== known.row) body.insertBefore(known.row, body.children[index] ?? null);
    });
    part('no-orders', HTMLElement).hidden = orders.length > 0;
  };
}

/** The type in words; of a stop, also the price it waits for. */
const describeType = ({ order_type, stop_price }: Order, decimals: number): string => {
  const type = order_type.toLowerCase().replace('_', ' ');
  return stop_price === null ? type : `${type} at ${show(stop_price, decimals)}`;
};
