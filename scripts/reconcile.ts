/**
 * Checks the books of the running system, or of DATABASE_URL, and prints what it finds. Ends with 1 on a break, which
 * halts withdrawals and opens a case, as when the reconciler finds it.
 */
import { systemClock as clock } from '../platform/clock.ts';
import { createIds } from '../platform/ids.ts';
import { createLogger } from '../platform/log.ts';
import { createBookCheck, withdrawalHalts } from '../services/books.ts';
import { createBreakRecorder } from '../services/ledger/break-records.ts';
import { checkBooks } from './setup/books.ts';
import { reportFault } from './setup/progress.ts';

await checkBooks('reconcile', async (db) => {
  const log = createLogger({ name: 'reconcile', level: 'error' });
  const record = createBreakRecorder({ db, clock, newId: createIds(clock), log, halts: withdrawalHalts });
  const started = performance.now();
  const found = await createBookCheck({ db, clock })();
  const ms = Math.round(performance.now() - started);
  await record({ breaks: found.breaks, edits: [], ms });
  console.table(found.assets);
  console.log(`${found.trades} trades.`);
  if (found.breaks.length > 0) console.table(found.breaks);
  console.log(found.breaks.length === 0 ? 'The books are sound.' : `${found.breaks.length} breaks.`);
  return found.breaks.length === 0;
}).catch(reportFault);
