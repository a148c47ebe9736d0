/** Trades that may be posted in one transaction. */
export const largestBatch = 500;
const smallestBatch = 16;
/** While a batch is posted its accounts are locked, and orders of the same users wait. */
const lockBudgetMs = 20;

/**
 * How many trades to post next, after a batch of `size` took `tookMs` from its first lock to its commit: as many as
 * keep the locks within 20 ms. Grows by half at most, so that one lucky batch does not make a long one.
 */
export function nextBatchSize(size: number, tookMs: number): number {
  const fitting = Math.floor((size * lockBudgetMs) / Math.max(tookMs, 1));
  return Math.min(largestBatch, Math.max(smallestBatch, Math.min(fitting, Math.ceil(size * 1.5))));
}
