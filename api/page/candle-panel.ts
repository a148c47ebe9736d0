import { type CandleInterval, candleIntervals } from '../../domain/trading/candle.ts';
import { createCandleChart } from './candle-chart.ts';
import { createCandles, toBars } from './candles.ts';
import { painter, part } from './dom.ts';
import { decimalsOf } from './format.ts';
import { followInSequence, type Live } from './live.ts';
import { call } from './rest.ts';
import type { Candle, Market } from './types.ts';
import { dashed } from '../../domain/trading/symbol.ts';

/** As many as a snapshot holds at most: where it holds fewer there are none before. */
const snapshotCandles = 100;
const mostBars = 1_000;

/** The chart of candles and the choice of their interval. */
export interface CandlePanel {
  show(market: Market): void;
}

/** Makes the panel; it follows nothing before it is shown a market. */
export function createCandlePanel(live: Live): CandlePanel {
  const chart = createCandleChart();
  const choice = part('intervals', HTMLFieldSetElement);
  let market: Market | undefined;
  let leave = (): void => undefined;

  function chosen(): CandleInterval {
    const value = choice.querySelector<HTMLInputElement>('input:checked')?.value;
    return candleIntervals.find((interval) => interval === value) ?? '1m';
  }

  function begin(): void {
    leave();
    if (market === undefined) return;
    const interval = chosen();
    const path = dashed(market.symbol);
    const candles = createCandles();
    const draw = painter(() => chart.draw(toBars(candles.list(), interval, mostBars)));
    chart.begin(decimalsOf(market.tick_size));
    const end = followInSequence(live, `candles:${path}:${interval}`, ({ type, data }) => {
      if (type !== 'update') candles.clear();
      candles.take(data);
      draw();
      if (type !== 'update' && data.length >= snapshotCandles) void loadHistory(data);
      return true;
    });
    let left = false;
    leave = () => {
      left = true;
      end();
    };

    async function loadHistory([first]: readonly Candle[]): Promise<void> {
      if (first === undefined) return;
      const limit = mostBars - snapshotCandles;
      const query = new URLSearchParams({ interval, end: first.start, limit: String(limit) });
      const answer = await call<{ items: readonly Candle[] }>('GET', `/markets/${path}/candles?${query}`).catch(() => ({
        items: [],
      }));
      if (left) return;
      candles.take(answer.items);
      draw();
    }
  }

  choice.addEventListener('change', begin);
  return {
    show(next) {
      market = next;
      begin();
    },
  };
}
