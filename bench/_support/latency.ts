import { round } from './report.ts';

/** The value below which `percent` of the sorted values lie. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** A row of the latency table. */
export function latencyRow(measure: string, milliseconds: readonly number[], seconds: number) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return {
    measure,
    'per second': round(sorted.length / seconds),
    'p50 ms': round(percentile(sorted, 50)),
    'p99 ms': round(percentile(sorted, 99)),
    'max ms': round(sorted.at(-1) ?? NaN),
  };
}

export type LatencyRow = ReturnType<typeof latencyRow>;

/** A row of the same table for a rate that has no latencies. */
export const rateRow = (measure: string, perSecond: number) => ({
  measure,
  'per second': round(perSecond),
  'p50 ms': '–',
  'p99 ms': '–',
  'max ms': '–',
});
