const freeFailures = 10;
const longestDelaySeconds = 15 * 60;

/** Seconds an unknown device waits after its n-th failure in a row: none up to the 10th, then 1, 2, 4 … 900. */
export const delayAfterFailure = (failures: number): number =>
  failures <= freeFailures ? 0 : Math.min(2 ** (failures - freeFailures - 1), longestDelaySeconds);

/** The same as a table for SQL, by number of failures from 1; its last entry stands for all that follow. */
export const delaySeconds: readonly number[] = Array.from({ length: 21 }, (_, index) => delayAfterFailure(index + 1));
