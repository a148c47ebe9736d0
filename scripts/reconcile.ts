/** Checks the books of the running system, or of DATABASE_URL, and prints what it finds. Ends with 1 on a break. */
import { systemClock } from '../platform/clock.ts';
import { createBookCheck } from '../services/books.ts';
import { checkBooks } from './setup/books.ts';
import { reportFault } from './setup/progress.ts';

await checkBooks('reconcile', async (db) => {
  const found = await createBookCheck({ db, clock: systemClock })();
  console.table(found.assets);
  console.log(`${found.trades} trades.`);
  if (found.breaks.length > 0) console.table(found.breaks);
  console.log(found.breaks.length === 0 ? 'The books are sound.' : `${found.breaks.length} breaks.`);
  return found.breaks.length === 0;
}).catch(reportFault);
