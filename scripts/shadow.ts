/**
 * Replays the journal of one market or all, of the running system or of DATABASE_URL, into empty books and compares:
 * node scripts/shadow.ts [SYMBOL]. Ends with 1 when anything comes out otherwise.
 */
import { shadow } from '../matcher/shadow.ts';
import { listSymbols } from '../storage/trading/depth.ts';
import { checkBooks } from './setup/books.ts';
import { reportFault, SetUpError } from './setup/progress.ts';

await checkBooks('shadow', async (db) => {
  const [asked] = process.argv.slice(2);
  const rows: object[] = [];
  let isSound = true;
  const symbols = await listSymbols(db);
  if (asked !== undefined && !symbols.includes(asked)) throw new SetUpError(`Say one of ${symbols.join(', ')}.`);
  for (const symbol of asked === undefined ? symbols : [asked]) {
    const { fault, ...figures } = await shadow(db, symbol);
    rows.push({ symbol, ...figures, result: fault === undefined ? 'as committed' : 'DIFFERENT' });
    if (fault !== undefined) console.log(`${symbol}: ${fault}`);
    isSound &&= fault === undefined;
  }
  console.table(rows);
  return isSound;
}).catch(reportFault);
