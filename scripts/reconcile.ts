/**
 * Checks the books of the running system, or of DATABASE_URL, and against the custodian at CUSTODY_URL, and prints what
 * it finds. Ends with 1 on a break, which halts withdrawals and opens a case, as when the reconciler finds it.
 */
import { createDevCustody } from '../gateways/custody/dev-gateway.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { createIds } from '../platform/ids.ts';
import { createLogger } from '../platform/log.ts';
import { createBookCheck, withdrawalHalts } from '../services/books.ts';
import { createBreakRecorder } from '../services/ledger/break-records.ts';
import { checks, type Reconciliation } from '../services/ledger/reconcile.ts';
import { createStatementReading } from '../services/ledger/statement.ts';
import { checkBooks } from './setup/books.ts';
import { reportFault } from './setup/progress.ts';

await checkBooks('reconcile', async (db, { CUSTODY_URL: custodyUrl }) => {
  const log = createLogger({ name: 'reconcile', level: 'error' });
  const record = createBreakRecorder({ db, clock, newId: createIds(clock), log, halts: withdrawalHalts });
  const custody = custodyUrl === undefined ? undefined : createDevCustody(custodyUrl);
  const readStatement = custody && createStatementReading({ custody, clock, log });
  const started = performance.now();
  const found = await createBookCheck({ db, clock, ...(readStatement && { readStatement }) })();
  const ms = Math.round(performance.now() - started);
  const open = await record({ breaks: found.breaks, edits: [], statementAt: found.statement?.readAt, ms });
  show(found);
  const earlier = open - found.breaks.length;
  if (earlier > 0) console.log(`${earlier} breaks of earlier statements are open.`);
  console.log(open === 0 ? 'The books are sound.' : `${open} breaks.`);
  return open === 0;
}).catch(reportFault);

function show({ assets, trades, statement, breaks }: Reconciliation): void {
  console.table(assets);
  console.log(`${trades} trades.`);
  if (statement === undefined) console.log('Without a custodian’s statement: CUSTODY_URL names none, or he is away.');
  else {
    console.log(`${statement.lines} lines on the custodian’s statement. What left, by it and by the books:`);
    console.table(statement.sums);
  }
  const made = checks.filter((check) => check !== 'statement' || statement !== undefined);
  console.table(made.map((check) => ({ check, breaks: breaks.filter((each) => each.check === check).length })));
  if (breaks.length > 0) console.table(breaks);
}
