import anyTest, { type TestFn } from 'ava';
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { loadConfig } from '../../platform/config/config.ts';
import { run } from '../../scripts/setup/commands.ts';
import { createTemporalClient } from '../../temporal/client.ts';
import { findOddEvents, readEvents } from '../_support/events.ts';
import { request } from '../_support/http.ts';
import { createOfficer, type Officer } from '../_support/officers.ts';
import { showSecondFactor } from '../_support/second-factor.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface World {
  readonly system: System;
  readonly client: Client;
  readonly close: () => Promise<void>;
  readonly token: string;
}

const test = anyTest as TestFn<World>;
const intervalMs = 2_000;

test.before(async (t) => {
  const system = await startSystem({ RECONCILIATION_INTERVAL: `${intervalMs}ms` });
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  const made = await request('POST', `${system.internal}/api/v1/dev/users`, {
    body: { kyc: 'verified', balances: { BTC: '1', USDT: '10000' } },
  });
  const token = String(made.body['access_token']);
  await showSecondFactor(`${system.rest}/api/v1`, token);
  t.context = { system, token, ...createTemporalClient(loadConfig(system.env).temporal) };
});
test.after.always(async ({ context }) => {
  await context.close();
  await context.system.stop();
});

let asked = 0;
/** The status of a request for a withdrawal, and the code of its refusal. */
async function withdraw({ system, token }: World, asset: string): Promise<string> {
  asked += 1;
  const body = { asset, amount: '0.01', address: 'dev1qdestination', client_withdrawal_id: `ask-${asked}` };
  const { status, body: answer } = await request('POST', `${system.rest}/api/v1/withdrawals`, { token, body });
  return [status, ...(status < 400 ? [] : [answer['code']])].join(' ');
}

/** As a superuser at the database could: the trigger that refuses it is switched off. */
const forge = ({ db }: System, set: string): Promise<unknown> =>
  db.tx(async (tx) => {
    await tx.none('ALTER TABLE ledger.transfers DISABLE TRIGGER transfers_append_only');
    await tx.none(`UPDATE ledger.transfers SET ${set} WHERE kind = 'DEPOSIT' AND asset = 'USDT'`);
    await tx.none('ALTER TABLE ledger.transfers ENABLE TRIGGER transfers_append_only');
  });

test.serial(
  'forged transfer: noticed, named, withdrawals of its asset halted until two officers closed it',
  async (t) => {
    t.timeout(120_000);
    const { system, client } = t.context;
    t.is(await withdraw(t.context, 'USDT'), '202');
    const { id } = await system.db.one<{ id: string }>(
      "SELECT transfer_id AS id FROM ledger.transfers WHERE kind = 'DEPOSIT' AND asset = 'USDT'",
    );
    const before = performance.now();
    await forge(system, 'amount = amount + 1000');
    await until(async () => (await withdraw(t.context, 'USDT')) === '409 WITHDRAWALS_HALTED', 60_000);
    const ms = performance.now() - before;
    t.log(`halted after ${Math.round(ms)} ms`);
    t.true(ms + 30_000 - intervalMs < 60_000, 'within a minute at the usual interval');
    t.is(await withdraw(t.context, 'BTC'), '202');

    const { case_id: caseId } = await system.db.one<{ case_id: string }>('SELECT case_id FROM ledger.break_cases');
    const handle = client.workflow.getHandle(`reconciliation-break:${caseId}`);
    type View = { state: string; revision: string; breaks: { subject: string }[] } | null;
    const view = () => handle.query<View>('describe').catch(() => null);
    const untilState = (state: string) => until(async () => (await view())?.state === state, 30_000);
    await untilState('BROKEN');
    t.true((await view())?.breaks.some(({ subject }) => subject === `transfer ${id}`));
    t.regex(system.log('workers'), /The books do not agree/);

    const [olivia, oscar] = ['olivia', 'oscar'].map((name) => createOfficer(`${name}@pandora.example`));
    const close = async (officer: Officer | undefined) => {
      const sent = { officer: officer?.email, code: await officer?.freshCode(), reason: 'The row is repaired.' };
      const args: [unknown] = [{ ...sent, revision: (await view())?.revision }];
      return handle.executeUpdate<{ message: string }, [unknown]>('close', { args });
    };
    await t.throwsAsync(close(olivia), { instanceOf: WorkflowUpdateFailedError });
    await forge(system, 'amount = amount - 1000');
    await untilState('REVIEW');
    t.is((await close(olivia)).message, 'Recorded: 1 of 2 approvals.');
    t.is(await withdraw(t.context, 'USDT'), '409 WITHDRAWALS_HALTED');
    await close(oscar);
    await handle.result();
    t.is(await withdraw(t.context, 'USDT'), '202');
    const told = () => readEvents(system.env['REDIS_URL'] ?? '');
    await until(async () => (await told()).some(({ type }) => type === 'wallet.reconciliation.closed'));
    t.true((await told()).some(({ type }) => type === 'wallet.reconciliation.broken'));
    t.deepEqual(findOddEvents(await told()), []);
  },
);
