/** Checks the books of the running system, or of DATABASE_URL, and prints what it finds. Ends with 1 on a break. */
import { systemClock } from '../platform/clock.ts';
import { createReconciliation } from '../services/ledger/reconcile.ts';
import { openDatabase } from '../storage/db.ts';
import { listTradedSymbols, listTradesAfter } from '../storage/trading/matching-trades.ts';
import { reportFault } from './setup/progress.ts';
import { requireRunning } from './setup/running.ts';

async function main(): Promise<void> {
  const { db, close } = openDatabase({
    connectionString: process.env['DATABASE_URL'] ?? requireRunning().env['DATABASE_URL'] ?? '',
    poolSize: 1,
    applicationName: 'reconcile',
    // It reads everything.
    statementTimeoutMs: 3_600_000,
  });
  try {
    const trades = { symbols: listTradedSymbols, listAfter: listTradesAfter };
    const found = await createReconciliation({ db, clock: systemClock, trades })();
    console.table(found.assets);
    console.log(`${found.trades} trades.`);
    if (found.breaks.length > 0) console.table(found.breaks);
    console.log(found.breaks.length === 0 ? 'The books are sound.' : `${found.breaks.length} breaks.`);
    process.exitCode = found.breaks.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
}

await main().catch(reportFault);
