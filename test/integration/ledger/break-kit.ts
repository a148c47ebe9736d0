import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import type { Caller } from '../../../domain/identity/user.ts';
import { processId } from '../../../domain/processes.ts';
import type { CustodyGateway, StatementGateway } from '../../../gateways/custody/custody.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { createBookCheck, withdrawalHalts } from '../../../services/books.ts';
import { createBreakCases } from '../../../services/ledger/break-cases.ts';
import { createBreakRecorder } from '../../../services/ledger/break-records.ts';
import { createReconciler } from '../../../services/ledger/reconciler.ts';
import { createStatementReading } from '../../../services/ledger/statement.ts';
import { findOpenCase } from '../../../storage/ledger/breaks.ts';
import type { Officer } from '../compliance/kit.ts';
import { origin } from '../identity/kit.ts';
import { createPaymentsKit, type PaymentsKit } from '../payments/kit.ts';

/**
 * The reconciler over books of its own with withdrawals beside it, and a user who has both assets. `stand` answers what
 * it asks in place of the custodian.
 */
export async function prepare(
  t: ExecutionContext,
  stand: (custody: CustodyGateway) => StatementGateway = (custody) => custody,
) {
  const kit = await createPaymentsKit();
  t.teardown(kit.close);
  const { db, now: clock, identity } = kit;
  const { newId } = kit.deps;
  const warned: string[] = [];
  const log = { ...silentLogger, warn: (_fields: object, message: string) => void warned.push(message) };
  const parts = { db, clock, newId, log, halts: withdrawalHalts };
  const cases = createBreakCases({ ...parts, identity, kickOutbox: () => undefined });
  const metrics = createMetrics();
  const readStatement = createStatementReading({ ...parts, custody: stand(kit.custody) });
  const reconciler = createReconciler({
    ...parts,
    metrics,
    everyMs: 30_000,
    reconcile: createBookCheck({ ...parts, readStatement }),
    record: createBreakRecorder(parts),
  });
  const user = await kit.rich({ USDT: '1000', BTC: '2' });

  const openCase = async () => {
    const open = await findOpenCase(db);
    return open && cases.describe(open.caseId);
  };
  return {
    ...kit,
    newId,
    cases,
    user,
    warned,
    check: () => reconciler.check(),
    checkUntil: reconciler.checkUntil,
    async checkFully() {
      await cases.wantFullCheck();
      await reconciler.check();
    },
    metric: async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value,
    openCase,
    /** What is found: check and subject, without the time of an edit. */
    found: async () =>
      (await openCase())?.breaks.map(({ check, subject }) => `${check}: ${subject.replace(/, seen.*/, '')}`),
    /** As only a superuser can. PostgreSQL counts it at once, and not within 10 s. */
    edit: (set: string, where: string) =>
      db.tx(async (tx) => {
        await tx.none('ALTER TABLE ledger.transfers DISABLE TRIGGER transfers_append_only');
        await tx.none(`UPDATE ledger.transfers SET ${set} WHERE ${where}`);
        await tx.none('ALTER TABLE ledger.transfers ENABLE TRIGGER transfers_append_only');
        await tx.any('SELECT pg_stat_force_next_flush()');
      }),
    ...createAsking(kit),
    async close(officer: Officer) {
      const view = await openCase();
      const caseId = view?.caseId ?? '';
      const sent = {
        officer: officer.email,
        code: await officer.code(),
        outcome: 'approve',
        reason: 'repaired',
      } as const;
      return cases.close(
        caseId,
        { ...sent, revision: view?.revision ?? '', acceptedAt: clock() },
        { workflowId: processId('reconciliationBreak', caseId), runId: randomUUID(), updateId: randomUUID() },
      );
    },
  };
}

/** What customers ask for. */
function createAsking({ withdrawals, confirm }: PaymentsKit) {
  const withdraw = (caller: Caller, asset: string, amount: string) =>
    withdrawals.request(
      caller,
      { asset, amount, address: 'dev1destination', clientWithdrawalId: randomUUID() },
      origin,
    );
  return {
    withdraw,
    /** A withdrawal that may be signed; to `send`. */
    async approved(caller: Caller, asset: string, amount: string) {
      const { withdrawalId } = await withdraw(caller, asset, amount);
      await confirm(caller, withdrawalId);
      await withdrawals.steps.keepScreening(withdrawalId, { listed: false, source: 'lists 1' });
      return withdrawalId;
    },
  };
}
