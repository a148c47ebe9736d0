import type { Level } from '../../domain/trading/depth.ts';
import { type Book, sumUp } from './book.ts';
import { part, write } from './dom.ts';
import { decimalsOf, show } from './format.ts';
import type { Market } from './types.ts';

const levels = 200;
const [width, height] = [1000, 300];

/** What the chart shows, in its own coordinates: a path for each side, and the prices at its edges. */
export interface DepthShape {
  readonly bids: string;
  readonly asks: string;
  readonly low: number;
  readonly high: number;
  /** What rests within, of the larger side. */
  readonly most: number;
}

/** The staircases of both sides, as far from the middle as the farther of the levels given. */
export function depthShape(bids: readonly Level[], asks: readonly Level[]): DepthShape | undefined {
  const [bid, ask] = [bids[0] ?? asks[0], asks[0] ?? bids[0]];
  if (bid === undefined || ask === undefined) return undefined;
  const middle = (Number(bid.price) + Number(ask.price)) / 2;
  const farthest = [...bids.slice(-1), ...asks.slice(-1)].map(({ price }) => Math.abs(Number(price) - middle));
  const reach = Math.max(...farthest, middle / 10_000) * 1.02;
  const [below, above] = [sumUp(bids), sumUp(asks)];
  const most = Math.max(Number(below.at(-1)?.total ?? 0), Number(above.at(-1)?.total ?? 0));
  const x = (price: number): string => ((0.5 + (price - middle) / (2 * reach)) * width).toFixed(1);
  const y = (total: number): string => (height * (1 - (0.92 * total) / most)).toFixed(1);
  const stairs = (side: typeof below, edge: number): string => {
    const [first] = side;
    if (first === undefined) return '';
    const steps = side.map(({ price, total }) => `H${x(Number(price))}V${y(Number(total))}`);
    return `M${x(Number(first.price))} ${height}${steps.join('')}H${edge}V${height}Z`;
  };
  return {
    bids: stairs(below, 0),
    asks: stairs(above, width),
    low: middle - reach,
    high: middle + reach,
    most,
  };
}

/** Draws what rests on each side, summed up from the best price on. */
export function drawDepthChart(book: Book, { base, tick_size, lot_size }: Market): void {
  const shape = depthShape(book.bids(levels), book.asks(levels));
  part('depth-bids', SVGPathElement).setAttribute('d', shape?.bids ?? '');
  part('depth-asks', SVGPathElement).setAttribute('d', shape?.asks ?? '');
  const price = (value: number): string =>
    show(Math.max(value, 0).toFixed(decimalsOf(tick_size)), decimalsOf(tick_size));
  const most = shape === undefined ? '' : `Up to ${show(shape.most.toFixed(decimalsOf(lot_size)))} ${base}`;
  write(part('depth-low', HTMLElement), shape === undefined ? '' : price(shape.low));
  write(part('depth-most', HTMLElement), most);
  write(part('depth-high', HTMLElement), shape === undefined ? '' : price(shape.high));
}
