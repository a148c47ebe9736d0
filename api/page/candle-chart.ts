import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type CandlestickData,
  type HistogramData,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Bar } from './candles.ts';
import { part } from './dom.ts';

export interface CandleChart {
  draw(bars: readonly Bar[]): void;
  /** Begins with another market or interval: prices have so many decimals, the newest bars come into view. */
  begin(decimals: number): void;
}

/** Draws candles above the volumes that go with them, in the colours of the page. */
export function createCandleChart(): CandleChart {
  // The page names the library in its footer, as the licence asks; its logo would need inline styles.
  const layout = { attributionLogo: false } as const;
  const chart = createChart(part('candle-chart', HTMLElement), { autoSize: true, layout });
  const prices = chart.addSeries(CandlestickSeries, { borderVisible: false });
  const volumes = chart.addSeries(HistogramSeries, {
    priceScaleId: '',
    lastValueVisible: false,
    priceLineVisible: false,
  });
  prices.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.25 } });
  volumes.priceScale().applyOptions({ scaleMargins: { top: 0.8, bottom: 0 } });
  let bars: readonly Bar[] = [];
  let colours = readColours();

  function paint(): void {
    colours = readColours();
    const { text, line, up, down } = colours;
    chart.applyOptions({
      layout: { background: { color: 'transparent' }, textColor: text },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line, timeVisible: true, rightOffset: 2 },
    });
    prices.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    draw();
  }

  function draw(): void {
    prices.setData(
      bars.map(({ time, open, high, low, close }): CandlestickData => {
        return { time: time as UTCTimestamp, open, high, low, close };
      }),
    );
    volumes.setData(
      bars.map(({ time, volume, open, close }): HistogramData => {
        return { time: time as UTCTimestamp, value: volume, color: close < open ? colours.faintDown : colours.faintUp };
      }),
    );
  }

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
  paint();
  return {
    begin(decimals) {
      bars = [];
      draw();
      prices.applyOptions({ priceFormat: { type: 'price', precision: decimals, minMove: 10 ** -decimals } });
      chart.timeScale().applyOptions({ barSpacing: 8 });
      chart.timeScale().scrollToRealTime();
    },
    draw(next) {
      bars = next;
      draw();
    },
  };
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: read('--faint'),
    line: read('--line'),
    up: read('--up'),
    down: read('--down'),
    faintUp: `${read('--up')}55`,
    faintDown: `${read('--down')}55`,
  };
}
