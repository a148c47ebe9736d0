import { createBook } from './book.ts';
import { createBookView } from './book-view.ts';
import { drawDepthChart } from './depth-chart.ts';
import { painter } from './dom.ts';
import { followInSequence, type Live } from './live.ts';
import { drawTicker } from './ticker-view.ts';
import { drawTrades, shownTrades } from './trades-view.ts';
import type { Market, Trade } from './types.ts';
import { dashed } from '../../domain/trading/symbol.ts';

/** A market's book, depth chart, newest trades and ticker. */
export interface MarketPanel {
  show(market: Market): void;
}

/** Makes the panel. `onPrice` is told the price of a level that was clicked. */
export function createMarketPanel(live: Live, onPrice: (price: string) => void): MarketPanel {
  const bookView = createBookView(onPrice);
  let leave: readonly (() => void)[] = [];

  function followDepth(market: Market, path: string): () => void {
    const book = createBook();
    const draw = painter(() => {
      bookView.draw(book, market);
      drawDepthChart(book, market);
    });
    draw();
    return followInSequence(live, `depth:${path}`, (event) => {
      const right = book.take(event);
      draw();
      return right;
    });
  }

  function followTrades(market: Market, path: string): () => void {
    let trades: readonly Trade[] = [];
    const draw = painter(() => drawTrades(trades, market));
    draw();
    return followInSequence(live, `trades:${path}`, ({ type, data }) => {
      trades = [...data.toReversed(), ...(type === 'update' ? trades : [])].slice(0, shownTrades);
      draw();
      return true;
    });
  }

  const followTicker = (market: Market, path: string): (() => void) =>
    live.follow(`ticker:${path}`, ({ data }) => drawTicker(data, market));

  return {
    show(market) {
      for (const end of leave) end();
      const path = dashed(market.symbol);
      leave = [followDepth, followTrades, followTicker].map((follow) => follow(market, path));
    },
  };
}
