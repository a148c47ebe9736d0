import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { createDevCustody } from '../../gateways/custody/dev-gateway.ts';
import { systemClock } from '../../platform/clock.ts';
import { loadConfig } from '../../platform/config/config.ts';
import { silentLogger } from '../../platform/log.ts';
import { call, Customer } from '../../scripts/demo/customer.ts';
import { run } from '../../scripts/setup/commands.ts';
import { createBookCheck } from '../../services/books.ts';
import { createStatementReading } from '../../services/ledger/statement.ts';
import { createTemporalClient } from '../../temporal/client.ts';
import { findOddEvents, readEvents } from '../_support/events.ts';
import { createOfficer, decide, type Decided, type Officer } from '../_support/officers.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface World {
  readonly system: System;
  readonly client: Client;
  readonly close: () => Promise<void>;
  readonly buyer: Customer;
  readonly seller: Customer;
  readonly olivia: Officer;
  readonly oscar: Officer;
}

type Context = ExecutionContext<World>;
const test = anyTest as TestFn<World>;

test.before(async (t) => {
  const system = await startSystem();
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  const at = { rest: `${system.rest}/api/v1`, internal: `${system.internal}/api/v1` };
  t.context = {
    system,
    ...createTemporalClient(loadConfig(system.env).temporal),
    buyer: new Customer('Alice', at),
    seller: new Customer('Bob', at),
    olivia: createOfficer('olivia@pandora.example'),
    oscar: createOfficer('oscar@pandora.example'),
  };
});
test.after.always(async ({ context }) => {
  await context.close();
  await context.system.stop();
});

/** Registers, opens the mailed link, signs in and sends identity data. Answers the workflow that reviews it. */
async function enter(customer: Customer): Promise<{ caseId: string; workflowId: string }> {
  await customer.register();
  await customer.verify();
  await customer.logIn();
  const { case_id: caseId } = await customer.post<{ case_id: string }>('/kyc', {
    full_name: `${customer.name} Example`,
    date_of_birth: '1990-04-30',
    country: 'DE',
    address: '1 Example Street, 10115 Berlin',
    document: { type: 'passport', number: `P-${customer.name}`, country: 'DE', expires_on: '2034-01-31' },
  });
  return { caseId, workflowId: `kyc:${caseId}` };
}

const kycStatus = async (customer: Customer): Promise<unknown> => (await customer.get('/users/me'))['kyc_status'];

const balances = async (customer: Customer): Promise<readonly string[]> =>
  (await customer.balances()).map(({ asset, available, reserved }) => `${asset} ${available}/${reserved}`).toSorted();

const withdraw = (customer: Customer, amount: string) =>
  customer.post<{ withdrawal_id: string; quote_value: string }>('/withdrawals', {
    asset: 'BTC',
    amount,
    address: 'dev1qdestination',
    client_withdrawal_id: `story-${amount}`,
  });

const confirm = async (customer: Customer, id: string): Promise<void> => {
  const token = await customer.mailedToken(`withdrawals/${id}/confirm`);
  await customer.post(`/withdrawals/${id}/confirm`, { token });
};

/** The line of the audit log about a decision names the officer, and the very update and run it came through. */
async function audited(t: Context, resourceId: string, officer: Officer, { updateId, runId }: Decided): Promise<void> {
  const lines = await t.context.system.db.manyOrNone(
    `SELECT log.actor, log.result, users.email, log.details->>'update_id' AS update_id,
            log.details->>'run_id' AS run_id, log.details->>'proof' AS proof
       FROM audit.audit_logs AS log JOIN identity.users USING (user_id)
      WHERE log.resource_id = $1 AND log.action IN ('kyc.decide', 'withdrawal.decide')`,
    [resourceId],
  );
  const { email } = officer;
  t.deepEqual(lines, [{ actor: 'officer', result: 'done', email, update_id: updateId, run_id: runId, proof: 'totp' }]);
}

/** Everything a decision could change. */
const rows = async ({ system }: World): Promise<unknown> =>
  system.db.one(`
    SELECT (SELECT jsonb_agg(each ORDER BY case_id) FROM compliance.kyc_cases AS each) AS cases,
           (SELECT jsonb_agg(each ORDER BY decision_id) FROM compliance.decisions AS each) AS decisions,
           (SELECT jsonb_agg(each ORDER BY user_id) FROM identity.users AS each) AS users,
           (SELECT jsonb_agg(each ORDER BY user_id, step) FROM identity.used_totp_steps AS each) AS codes,
           (SELECT jsonb_agg(each ORDER BY withdrawal_id) FROM payments.withdrawals AS each) AS withdrawals,
           (SELECT jsonb_agg(each ORDER BY account_id) FROM ledger.accounts AS each) AS accounts`);

/** Sends a decision that is refused: the code of the refusal, with every row as it was. */
async function refused(t: Context, workflowId: string, officer: Officer, other: object): Promise<string> {
  const before = await rows(t.context);
  const error = await t.throwsAsync(decide(t.context.client, workflowId, officer, { ...other }), {
    instanceOf: WorkflowUpdateFailedError,
  });
  t.deepEqual(await rows(t.context), before);
  const { type, message } = error.cause as { type?: string; message?: string };
  t.regex(message ?? '', /^Not recorded/);
  return String(type);
}

test.serial(
  'story: two customers register, verify their mail, and officers verify them through Temporal',
  async (t) => {
    t.timeout(120_000);
    const { client, buyer, seller, olivia, oscar } = t.context;
    const [first, second] = [await enter(buyer), await enter(seller)];
    t.is(await kycStatus(buyer), 'pending');
    const decided = await decide(client, first.workflowId, olivia);
    t.is(decided.message, 'Recorded: the customer is verified.');
    t.is(await kycStatus(buyer), 'verified');
    await audited(t, first.caseId, olivia, decided);

    const stranger = { ...oscar, email: 'stranger@pandora.example' };
    t.is(await refused(t, second.workflowId, olivia, { reason: '', code: '000000' }), 'INVALID_DECISION');
    t.is(await refused(t, second.workflowId, olivia, { reason: undefined, code: '000000' }), 'INVALID_DECISION');
    t.is(await refused(t, second.workflowId, olivia, { revision: '0'.repeat(12), code: '000000' }), 'CASE_CHANGED');
    t.is(await refused(t, second.workflowId, stranger, { code: '123456' }), 'OFFICER_NOT_PROVEN');
    t.is(await kycStatus(seller), 'pending');
    await audited(t, second.caseId, oscar, await decide(client, second.workflowId, oscar));
    t.is(await kycStatus(seller), 'verified');

    const handle = client.workflow.getHandle(first.workflowId);
    await handle.result();
    const before = await rows(t.context);
    const again = {
      officer: oscar.email,
      code: '123456',
      revision: '0'.repeat(12),
      outcome: 'reject',
      reason: 'again',
    };
    await t.throwsAsync(handle.executeUpdate('decide', { args: [again] }), { instanceOf: WorkflowNotFoundError });
    t.deepEqual(await rows(t.context), before);
  },
);

test.serial('story: they deposit, order and trade, and the balances are those of the worked example', async (t) => {
  const { system, buyer, seller } = t.context;
  for (const [{ userId }, asset, amount] of [
    [buyer, 'USDT', '51000'],
    [seller, 'BTC', '1'],
  ] as const) {
    const body = { user_id: userId, asset, amount, reference: `story ${asset}` };
    await call('POST', `${system.internal}/api/v1/dev/deposits`, { body });
  }
  await until(async () => (await balances(buyer)).length > 0 && (await balances(seller)).length > 0, 20_000);

  const limit = { symbol: 'BTC/USDT', order_type: 'LIMIT', time_in_force: 'GTC', quantity: '1' };
  const place = async (customer: Customer, side: string, price: string): Promise<string> =>
    (await customer.post<{ order_id: string }>('/orders', { ...limit, side, price })).order_id;
  const statusOf = async (customer: Customer, id: string) => (await customer.get(`/orders/${id}`))['status'];
  const ask = await place(seller, 'SELL', '50000');
  await until(async () => (await statusOf(seller, ask)) === 'OPEN');
  t.deepEqual(await balances(seller), ['BTC 0/1']);
  const bid = await place(buyer, 'BUY', '51000');
  await until(async () => (await statusOf(seller, ask)) === 'FILLED' && (await statusOf(buyer, bid)) === 'FILLED');

  await until(async () => (await balances(buyer)).includes('BTC 0.999/0'), 20_000);
  t.deepEqual(await balances(buyer), ['BTC 0.999/0', 'USDT 1000/0']);
  t.deepEqual(await balances(seller), ['BTC 0/0', 'USDT 49950/0']);
  const { amount } = await system.db.one<{ amount: string }>(
    'SELECT trim_scale(amount)::text AS amount FROM ledger.reservations WHERE reservation_id = $1',
    [bid],
  );
  t.is(amount, '51000');
  t.deepEqual(await house(system, 'fees'), ['BTC 0.001', 'USDT 50']);
});

const house = async ({ db }: System, kind: 'fees' | 'clearing'): Promise<readonly string[]> =>
  (
    await db.manyOrNone<{ held: string }>(
      `SELECT asset || ' ' || trim_scale(balance) AS held FROM ledger.accounts WHERE kind = $1 ORDER BY asset`,
      [kind],
    )
  ).map(({ held }) => held);

test.serial('story: a withdrawal is confirmed by mail, approved by an officer, sent once and settled', async (t) => {
  t.timeout(120_000);
  const { system, client, buyer, olivia } = t.context;
  await buyer.enrolSecondFactor();
  const { withdrawal_id: id, quote_value: value } = await withdraw(buyer, '0.1');
  t.is(value, '5000');
  t.deepEqual(await balances(buyer), ['BTC 0.899/0.1', 'USDT 1000/0']);
  await confirm(buyer, id);
  const decided = await decide(client, `withdrawal:${id}`, olivia);
  t.is(decided.message, 'Recorded: 1 of 1 approvals.');
  await until(async () => (await buyer.get(`/withdrawals/${id}`))['status'] === 'SETTLED', 60_000);
  t.deepEqual(await balances(buyer), ['BTC 0.899/0', 'USDT 1000/0']);
  t.deepEqual(await house(system, 'clearing'), ['BTC -0.9', 'USDT -51000']);
  const sent = await call<{ items: readonly object[] }>('GET', `${system.env['CUSTODY_URL']}/transactions`);
  t.like(sent.items, [{ asset: 'BTC', amount: '0.1', to: 'dev1qdestination' }]);
  t.is(sent.items.length, 1);
  await audited(t, id, olivia, decided);
});

test.serial('story: two officers are needed, the second decision of the first one is refused', async (t) => {
  t.timeout(120_000);
  const { client, buyer, olivia, oscar } = t.context;
  const { withdrawal_id: id } = await withdraw(buyer, '0.3');
  await confirm(buyer, id);
  const workflowId = `withdrawal:${id}`;
  const first = await decide(client, workflowId, oscar);
  t.is(first.message, 'Recorded: 1 of 2 approvals.');
  t.is(await refused(t, workflowId, oscar, { outcome: 'reject' }), 'DECISION_DUPLICATE');
  t.is(await refused(t, workflowId, olivia, { reason: ' ', code: '000000' }), 'INVALID_DECISION');
  t.is(await refused(t, workflowId, olivia, { revision: '0'.repeat(12), code: '000000' }), 'CASE_CHANGED');
  const stranger = { ...olivia, email: 'stranger@pandora.example' };
  t.is(await refused(t, workflowId, stranger, { code: '123456' }), 'OFFICER_NOT_PROVEN');
  t.deepEqual(await balances(buyer), ['BTC 0.599/0.3', 'USDT 1000/0']);
  await audited(t, id, oscar, first);
});

test.serial(
  'story: afterwards, the reconciliation finds one trade, one line of the custodian and no break',
  async (t) => {
    const { db, env } = t.context.system;
    const custody = createDevCustody(env['CUSTODY_URL'] ?? '');
    const readStatement = createStatementReading({ custody, clock: systemClock, log: silentLogger });
    const found = await createBookCheck({ db, clock: systemClock, readStatement })();
    t.deepEqual(found.breaks, []);
    t.is(found.trades, 1);
    t.deepEqual(found.statement?.sums, [{ asset: 'BTC', stated: '0.1', booked: '0.1' }]);
    t.like(Object.fromEntries(found.assets.map(({ asset, total }) => [asset, total])), { BTC: '0', USDT: '0' });
  },
);

test.serial('story: what it published, fits the schemas of events and tells of each withdrawal', async (t) => {
  const events = await readEvents(t.context.system.env['REDIS_URL']!);
  t.deepEqual(findOddEvents(events), []);
  const told = events
    .filter(({ type }) => type === 'withdrawal.updated')
    .map(({ text }) => (JSON.parse(text) as { payload: { status: string } }).payload.status);
  t.deepEqual(told, ['REQUESTED', 'SCREENING', 'BROADCAST', 'SETTLED', 'REQUESTED', 'SCREENING']);
});
