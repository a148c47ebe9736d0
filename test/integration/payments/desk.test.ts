import { type ChildProcess, spawn } from 'node:child_process';
import test from 'ava';
import { Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { createKycActivities } from '../../../activities/kyc.ts';
import { createOfficerActivities } from '../../../activities/officers.ts';
import { createWithdrawalActivities } from '../../../activities/withdrawals.ts';
import { processStart } from '../../../domain/processes.ts';
import { startCatcher } from '../../../gateways/mail/catcher.ts';
import { createSmtpGateway } from '../../../gateways/mail/smtp.ts';
import { createLocalLists, sampleLists } from '../../../gateways/screening/local-lists.ts';
import { loadConfig } from '../../../platform/config/config.ts';
import { silentLogger } from '../../../platform/log.ts';
import { loadWorkflowBundle } from '../../../temporal/bundle.ts';
import { createDataConverter } from '../../../temporal/client.ts';
import { setUpTemporal } from '../../../temporal/setup.ts';
import { createWorkflowStarter } from '../../../temporal/starter.ts';
import { startWorker } from '../../../temporal/worker.ts';
import { createTestRedis } from '../../_support/redis.ts';
import { createTestNamespace } from '../../_support/temporal.ts';
import { until } from '../../_support/until.ts';
import { ada } from '../compliance/kit.ts';
import { origin } from '../identity/kit.ts';
import { createPaymentsKit } from './kit.ts';

const kit = await createPaymentsKit();
const catcher = await startCatcher({ host: '127.0.0.1', smtpPort: 0, inboxPort: 0, clock: () => new Date() });
const smtpUrl = `smtp://127.0.0.1:${catcher.smtpPort}`;
const mail = createSmtpGateway({ url: smtpUrl, from: 'no-reply@exchange.test' });
const server = await createTestNamespace();
const { address, namespace } = server;
await setUpTemporal({ address, namespace, retentionDays: 1 });
const config = loadConfig({});
const dataConverter = createDataConverter(config.temporal);
const client = new Client({ connection: server.client.connection, namespace, dataConverter });
const starter = createWorkflowStarter(client);
const screening = createLocalLists(sampleLists);
const { compliance, withdrawals, setTrouble } = kit;
const redis = await createTestRedis();

const workers = await (async () => {
  const deps = {
    address,
    namespace,
    dataConverter,
    workflowBundle: await loadWorkflowBundle(),
    maxCachedWorkflows: 10,
  };
  const serve = (queue: 'compliance' | 'payments', activities: object) =>
    startWorker({ ...deps, graceMs: 5_000, log: silentLogger }, { queue, activities });
  const officers = createOfficerActivities({
    kyc: compliance.decide.byCode,
    withdrawal: withdrawals.decide,
    trade: () => Promise.reject(new Error('No trade is decided here')),
    breaks: () => Promise.reject(new Error('No case of breaks is decided here')),
    adjustment: () => Promise.reject(new Error('No adjustment is decided here')),
  });
  return {
    compliance: serve('compliance', {
      ...createKycActivities({ steps: compliance.reviewSteps, screening, mail }),
      ...officers,
    }),
    payments: serve(
      'payments',
      createWithdrawalActivities({ steps: withdrawals.steps, custody: kit.custody, screening, mail }),
    ),
  };
})();

test.after.always(async () => {
  await Promise.all([workers.compliance.stop(), workers.payments.stop()]);
  mail.close();
  await Promise.all([catcher.close(), redis.drop(), server.close(), kit.close()]);
});

/** The services' clock stands still between tests; officers' codes are of now. */
const setClock = (): void => kit.advance(Date.now() - kit.now().getTime());
const mailsTo = async (to: string): Promise<readonly { subject: string; text: string }[]> => {
  const response = await fetch(`http://127.0.0.1:${catcher.inboxPort}/mails?to=${encodeURIComponent(to)}`);
  return ((await response.json()) as { items: { subject: string; text: string }[] }).items;
};
const stateOf = async (id: string) => (await withdrawals.steps.describe(id))?.state;

test.serial('desk: a case decided through Temporal, verified, mailed and no name in its history', async (t) => {
  setClock();
  const caller = await kit.customer();
  const { caseId } = await compliance.cases.submit(
    caller,
    { ...ada, fullName: 'Leopoldina Abrantsky', dateOfBirth: '1970-05-21' },
    origin,
  );
  const start = processStart('kycReview', caseId);
  await starter.start(start);
  const handle = client.workflow.getHandle(start.workflowId);
  const view = async () => handle.query<{ state: string; revision: string; riskScore?: number } | null>('describe');
  await until(async () => (await view())?.state === 'review', 20_000);
  t.is((await view())?.riskScore, 40);

  const officer = await kit.officer();
  const decision = {
    officer: officer.email,
    revision: (await view())?.revision,
    outcome: 'approve',
    reason: 'known to us',
  };
  const wrong = handle.executeUpdate('decide', { args: [{ ...decision, code: '000000' }] });
  const refused = await t.throwsAsync(wrong, { instanceOf: WorkflowUpdateFailedError });
  t.like(refused.cause, { type: 'OFFICER_NOT_PROVEN' });
  setClock();
  const recorded = await handle.executeUpdate('decide', { args: [{ ...decision, code: await officer.code() }] });
  t.like(recorded, { recorded: true });
  await handle.result();
  t.is((await kit.identity.accounts.get(caller.userId)).kycStatus, 'verified');
  t.is((await mailsTo(caller.email))[0]?.subject, 'Your identity is verified');
  const [audit] = await kit.db.manyOrNone<{ details: { run_id: string } }>(
    "SELECT details FROM audit.audit_logs WHERE action = 'kyc.decide' AND resource_id = $1",
    [caseId],
  );
  t.is(audit?.details.run_id, (await handle.describe()).runId);
  const late = handle.executeUpdate('decide', { args: [{ ...decision, code: '123456' }] });
  await t.throwsAsync(late, { instanceOf: WorkflowNotFoundError });

  const raw = await server.client.workflow.getHandle(start.workflowId).fetchHistory();
  const texts = JSON.stringify(raw, (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  for (const secret of ['Abrantsky', officer.email, 'known to us', 'Hauptstr']) t.false(texts.includes(secret), secret);
});

test.serial('withdrawal: its workflow started by hand before anybody confirmed, moves no money', async (t) => {
  setClock();
  const caller = await kit.rich({ USDT: '900' });
  const { withdrawalId } = await kit.request(caller, '900');
  const handle = await client.workflow.start('withdrawal', {
    workflowId: 'mine',
    taskQueue: 'payments',
    args: [withdrawalId],
  });
  await until(async () => (await stateOf(withdrawalId)) === 'AWAITING_CONFIRMATION', 10_000);
  await handle.signal('changed');
  await handle.signal('changed');
  await until(
    async () => (await handle.query<{ state: string } | null>('describe'))?.state === 'AWAITING_CONFIRMATION',
  );
  t.is((await kit.chain()).length, 0);
  t.is(await kit.shown(caller.userId), '0/900');
  await handle.terminate();
});

test.serial(
  'withdrawal: the worker is killed between broadcast and record, the chain has it once and it settles once',
  async (t) => {
    setClock();
    t.timeout(110_000);
    const caller = await kit.rich({ USDT: '6000' });
    const { withdrawalId } = await kit.request(caller, '5000');
    const start = processStart('withdrawal', withdrawalId);
    await starter.start(start);
    const handle = client.workflow.getHandle(start.workflowId);
    await until(async () => (await stateOf(withdrawalId)) === 'AWAITING_CONFIRMATION');
    await kit.confirm(caller, withdrawalId);
    await handle.signal('changed');
    await until(async () => (await handle.query<{ state: string } | null>('describe'))?.state === 'REVIEW');

    // From here on another process works; it is the one that dies.
    await workers.payments.stop();
    await setTrouble({ delayMs: 60_000 });
    const officer = await kit.officer();
    const doomed = spawnPayments();
    setClock();
    const decision = { officer: officer.email, code: await officer.code(), outcome: 'approve', reason: 'in order' };
    const revision = (await withdrawals.steps.describe(withdrawalId))?.revision;
    await handle.executeUpdate('decide', { args: [{ ...decision, revision }] });
    await until(async () => (await kit.chain()).length === 1, 30_000);
    doomed.kill('SIGKILL');
    t.is(await stateOf(withdrawalId), 'SIGNING');

    await setTrouble({ delayMs: 0 });
    const heir = spawnPayments();
    await handle.result();
    heir.kill('SIGKILL');
    t.is(await stateOf(withdrawalId), 'SETTLED');
    t.is((await kit.chain()).length, 1);
    t.is(await kit.shown(caller.userId), '1000/0');
    const posted = await kit.db.manyOrNone<{ kind: string }>(
      'SELECT kind FROM ledger.transfers WHERE journal_id = $1',
      [withdrawalId],
    );
    t.is(posted.filter(({ kind }) => kind === 'WITHDRAWAL').length, 1);
  },
);

/** The payments worker as it runs in production, over this test's servers. */
function spawnPayments(): ChildProcess {
  return spawn(process.execPath, ['workers/payments.ts'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: kit.url,
      REDIS_URL: redis.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      CUSTODY_URL: kit.custodyUrl,
      CUSTODY_CONFIRMATIONS: '1',
      SMTP_URL: smtpUrl,
      METRICS_PORT: '0',
    },
  });
}
