import { randomFillSync } from 'node:crypto';

const poolBytes = 4096;
let pool = Buffer.alloc(0);

/**
 * Random bytes fit for secrets, at most 4096 at a time, from a pool: asking the system for the few that an id takes
 * costs more than all the rest of a request's bookkeeping. Nobody else ever gets them.
 */
export function takeRandomBytes(count: number): Buffer {
  if (pool.length < count) pool = randomFillSync(Buffer.alloc(poolBytes));
  const taken = pool.subarray(0, count);
  pool = pool.subarray(count);
  return taken;
}
