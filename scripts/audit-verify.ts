/** Proves the audit log of the running system, or of DATABASE_URL, and names the first bad line. Ends with 1 on one. */
import { createAuditService } from '../services/audit.ts';
import { checkBooks } from './setup/books.ts';
import { reportFault } from './setup/progress.ts';

await checkBooks('audit-verify', async (db) => {
  const { links, firstBad } = await createAuditService({ db }).verify();
  console.log(`${links} lines are chained.`);
  if (firstBad !== undefined) console.log(`Line ${firstBad.auditId} (link ${firstBad.seq}): ${firstBad.why}`);
  return firstBad === undefined;
}).catch(reportFault);
