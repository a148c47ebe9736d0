/** Trades that may be posted in one transaction. */
export const largestBatch = 500;
const smallestBatch = 16;
/** While a batch is posted its accounts are locked, and orders of the same users wait. */
const lockBudgetMs = 20;

/**
 * How many trades to post next, after a batch of `size` held its locks for `lockedMs`: as many as keep them within
 * 20 ms. Waiting for locks does not count: it would make batches small, hence many, just when there is most to do.
 * Grows by half at most, so that one lucky batch does not make a long one. Without a measure, as many again.
 */
export function nextBatchSize(size: number, lockedMs: number = lockBudgetMs): number {
  const fitting = Math.floor((size * lockBudgetMs) / Math.max(lockedMs, 1));
  return Math.min(largestBatch, Math.max(smallestBatch, Math.min(fitting, Math.ceil(size * 1.5))));
}
