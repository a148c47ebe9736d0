/** Proves the audit log of the running system, or of DATABASE_URL, and names the first bad line. Ends with 1 on one. */
import { createAuditService } from '../services/audit.ts';
import { openDatabase } from '../storage/db.ts';
import { reportFault } from './setup/progress.ts';
import { requireRunning } from './setup/running.ts';

async function main(): Promise<void> {
  const { db, close } = openDatabase({
    connectionString: process.env['DATABASE_URL'] ?? requireRunning().env['DATABASE_URL'] ?? '',
    poolSize: 1,
    applicationName: 'audit-verify',
    // It reads everything.
    statementTimeoutMs: 3_600_000,
  });
  try {
    const { links, firstBad } = await createAuditService({ db }).verify();
    console.log(`${links} lines are chained.`);
    if (firstBad !== undefined) console.log(`Line ${firstBad.auditId} (link ${firstBad.seq}): ${firstBad.why}`);
    process.exitCode = firstBad === undefined ? 0 : 1;
  } finally {
    await close();
  }
}

await main().catch(reportFault);
