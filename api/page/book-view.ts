import { element, part, write } from './dom.ts';
import { type Book, type Rung, sumUp } from './book.ts';
import { decimalsOf, show } from './format.ts';
import type { Market } from './types.ts';

const shownLevels = 15;

/** The table of the book: asks above, the worst on top; bids below. */
export interface BookView {
  draw(book: Book, market: Market): void;
}

/** Fills the book's table. `onPrice` is told the price of a level that was clicked. */
export function createBookView(onPrice: (price: string) => void): BookView {
  const asks = createSide('asks', onPrice);
  const bids = createSide('bids', onPrice);
  const spread = part('spread', HTMLElement);
  return {
    draw(book, market) {
      const [above, below] = [sumUp(book.asks(shownLevels)), sumUp(book.bids(shownLevels))];
      const most = Math.max(Number(above.at(-1)?.total ?? 0), Number(below.at(-1)?.total ?? 0));
      asks(above.toReversed(), market, most);
      bids(below, market, most);
      write(spread, describeSpread(below[0]?.price, above[0]?.price, market));
    },
  };
}

function describeSpread(bid: string | undefined, ask: string | undefined, { tick_size }: Market): string {
  if (bid === undefined || ask === undefined) return bid === ask ? 'The book is empty' : 'One side is empty';
  const decimals = decimalsOf(tick_size);
  return `Spread ${show((Number(ask) - Number(bid)).toFixed(decimals), decimals)}`;
}

/** One side's rows, made once and written anew. */
function createSide(id: 'asks' | 'bids', onPrice: (price: string) => void) {
  const body = part(id, HTMLTableSectionElement);
  const rows: { readonly row: HTMLTableRowElement; readonly cells: readonly HTMLTableCellElement[] }[] = [];
  let shown: readonly Rung[] = [];

  body.addEventListener('click', ({ target }) => {
    const row = target instanceof Element ? target.closest('tr') : null;
    const rung = shown[rows.findIndex((each) => each.row === row)];
    if (rung !== undefined) onPrice(rung.price);
  });

  function fit(count: number): void {
    while (rows.length > count) rows.pop()?.row.remove();
    while (rows.length < count) {
      const row = element('tr');
      const cells = ['price', '', ''].map((name) => element('td', '', name));
      row.append(...cells);
      rows.push({ row, cells });
      body.append(row);
    }
  }

  return (rungs: readonly Rung[], { tick_size, lot_size }: Market, most: number): void => {
    shown = rungs;
    fit(rungs.length);
    rungs.forEach(({ price, quantity, total }, index) => {
      const { row, cells = [] } = rows[index] ?? {};
      const decimals = decimalsOf(lot_size);
      const texts = [show(price, decimalsOf(tick_size)), show(quantity, decimals), show(total, decimals)];
      cells.forEach((cell, column) => write(cell, texts[column] ?? ''));
      row?.style.setProperty('--share', `${((100 * Number(total)) / most).toFixed(1)}%`);
    });
  };
}
