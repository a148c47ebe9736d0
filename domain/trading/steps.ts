import { parseDecimal } from '../money.ts';

/** What a market counts prices and quantities in. */
export interface Steps {
  /** The version of the market's rules that brought them. */
  readonly version: number;
  /** Decimal strings. */
  readonly tickSize: string;
  readonly lotSize: string;
}

/** How many new ticks an old one is, and how many new lots; both are whole. */
export interface Rescaling {
  readonly ticks: number;
  readonly lots: number;
}

/** More decimals than any asset has. */
const scale = 18;

/** What a change of steps does to ticks and lots; undefined when a new step does not divide its old one. */
export function rescalingOf(
  from: Pick<Steps, 'tickSize' | 'lotSize'>,
  to: Pick<Steps, 'tickSize' | 'lotSize'>,
): Rescaling | undefined {
  const ticks = timesIn(from.tickSize, to.tickSize);
  const lots = timesIn(from.lotSize, to.lotSize);
  return ticks === undefined || lots === undefined ? undefined : { ticks, lots };
}

/** How many times a new step is in its old one, if that is a whole number. */
export function timesIn(old: string, step: string): number | undefined {
  const [was, is] = [parseDecimal(old, scale), parseDecimal(step, scale)];
  return is > 0n && was % is === 0n ? Number(was / is) : undefined;
}
