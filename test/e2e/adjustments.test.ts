import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { readInbox } from '../../gateways/mail/inbox.ts';
import { loadConfig } from '../../platform/config/config.ts';
import { run } from '../../scripts/setup/commands.ts';
import { devStaff } from '../../scripts/staff.ts';
import { createTemporalClient } from '../../temporal/client.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { findOddEvents, readEvents } from '../_support/events.ts';
import { type Answer, request } from '../_support/http.ts';
import { createOfficer, decide, type Officer } from '../_support/officers.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Customer {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
}

interface Context {
  readonly system: System;
  readonly client: Client;
  readonly close: () => Promise<void>;
  readonly olivia: Officer;
  readonly oscar: Officer;
  readonly adminToken: string;
  readonly oliviaToken: string;
  readonly customer: () => Promise<Customer>;
}

const test = anyTest as TestFn<Context>;

/** Signs a member of the staff in, with a factor. */
async function signIn({ rest }: System, { email, freshCode }: Officer): Promise<string> {
  const { password } = devStaff.find((each) => each.email === email) ?? { password: '' };
  const body = { email, password, totp: await freshCode() };
  return String((await request('POST', `${rest}/api/v1/auth/login`, { body })).body['access_token']);
}

test.before(async (t) => {
  const system = await startSystem();
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  const [admin, olivia, oscar] = [
    createOfficer('admin@pandora.example'),
    createOfficer('olivia@pandora.example'),
    createOfficer('oscar@pandora.example'),
  ];
  t.context = {
    system,
    ...createTemporalClient(loadConfig(system.env).temporal),
    olivia,
    oscar,
    adminToken: await signIn(system, admin),
    oliviaToken: await signIn(system, olivia),
    async customer() {
      const made = await request('POST', `${system.internal}/api/v1/dev/users`, {
        body: { balances: { USDT: '100' } },
      });
      const { user_id: userId, email } = made.body['user'] as { user_id: string; email: string };
      return { userId, email, token: String(made.body['access_token']) };
    },
  };
});
test.after.always(async ({ context }) => {
  await context.close();
  await context.system.stop();
});

const wanted = (userId: string, other: object = {}) => ({
  client_adjustment_id: randomUUID(),
  user_id: userId,
  asset: 'USDT',
  amount: '5.50',
  direction: 'CREDIT',
  reason: 'A deposit was credited to somebody else.',
  ...other,
});

const call = ({ system }: Context, method: string, path: string, token: string | undefined, body?: unknown) =>
  request(method, `${system.internal}/api/v1${path}`, { token, body });

const ask = (context: Context, token: string | undefined, body: object): Promise<Answer> =>
  call(context, 'POST', '/adjustments', token, body);

const balanceOf = async ({ system }: Context, { token }: Customer): Promise<string> => {
  const { body } = await request('GET', `${system.rest}/api/v1/wallets`, { token });
  return (body['items'] as { available: string }[]).map(({ available }) => available).join();
};

test.serial('adjustment: approved by two officers in the Temporal UI, posted, told and in the statement', async (t) => {
  t.timeout(120_000);
  const { system, client, adminToken, olivia, oscar, customer } = t.context;
  const user = await customer();
  const body = wanted(user.userId, { reference: 'ticket 77' });
  const asked = await ask(t.context, adminToken, body);
  const id = String(asked.body['adjustment_id']);
  const workflowId = `adjustment:${id}`;
  t.like(asked, { status: 202, body: { workflow_id: workflowId, status: 'REVIEW', amount: '5.5', ended_at: null } });
  t.is(asked.headers.get('location'), `/api/v1/adjustments/${id}`);
  t.deepEqual((await ask(t.context, adminToken, body)).body, asked.body);
  const conflict = await ask(t.context, adminToken, { ...body, amount: '6' });
  t.like(conflict, { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });

  t.is((await decide(client, workflowId, olivia)).message, 'Recorded: 1 of 2 approvals.');
  t.is(await balanceOf(t.context, user), '100');
  t.is((await decide(client, workflowId, oscar)).message, 'Recorded: it is posted.');
  await client.workflow.getHandle(workflowId).result();
  t.is(await balanceOf(t.context, user), '105.5');
  t.like(await call(t.context, 'GET', `/adjustments/${id}`, adminToken), { status: 200, body: { status: 'POSTED' } });
  const { body: statement } = await request('GET', `${system.rest}/api/v1/wallets/USDT/entries`, { token: user.token });
  t.like((statement['items'] as object[])[0], {
    journal_id: id,
    kind: 'ADJUSTMENT',
    counter_account: 'suspense',
    amount: '5.5',
    balance_after: '105.5',
  });

  const subject = 'Your balance of USDT was corrected';
  await until(async () => (await readInbox(system.inbox, user.email)).some((mail) => mail.subject === subject), 20_000);
  const told = async () => readEvents(system.env['REDIS_URL'] ?? '');
  await until(async () => (await told()).some(({ type }) => type === 'wallet.adjustment.posted'));
  t.deepEqual(findOddEvents(await told()), []);
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
});

test.serial('adjustment: by its requester, or by a workflow started by hand, moves no money', async (t) => {
  t.timeout(120_000);
  const { client, oliviaToken, olivia, oscar, customer } = t.context;
  const user = await customer();
  const asked = await ask(t.context, oliviaToken, wanted(user.userId));
  const id = String(asked.body['adjustment_id']);
  const refusedBy = async (workflowId: string, officer: Officer) => {
    const refused = await t.throwsAsync(decide(client, workflowId, officer), { instanceOf: WorkflowUpdateFailedError });
    const { type, message } = refused.cause as { type?: string; message?: string };
    return `${type}: ${message}`;
  };
  t.regex(await refusedBy(`adjustment:${id}`, olivia), /^OFFICER_NOT_PROVEN: Not recorded: you requested it\./);

  const options = { workflowId: 'mine', taskQueue: 'operations', args: [id] };
  const byHand = await client.workflow.start('adjustment', options);
  await byHand.signal('changed');
  t.regex(await refusedBy('mine', oscar), /^ADJUSTMENT_NOT_FOUND/);
  t.is(await balanceOf(t.context, user), '100');

  await decide(client, `adjustment:${id}`, oscar, { outcome: 'reject' });
  await client.workflow.getHandle(`adjustment:${id}`).result();
  await byHand.signal('changed');
  await byHand.result();
  const shown = await call(t.context, 'GET', `/adjustments/${id}`, oliviaToken);
  t.like(shown, { status: 200, body: { status: 'REJECTED', ended_reason: 'rejected by an officer' } });
  t.is(await balanceOf(t.context, user), '100');
});

test.serial(
  'adjustments: for others than staff, about nobody or malformed, refused and nothing is noted',
  async (t) => {
    const { system, adminToken, customer } = t.context;
    const user = await customer();
    const count = async () => system.db.one<object>('SELECT count(*) FROM ledger.adjustments');
    const before = await count();
    const good = wanted(user.userId);
    const staff = await request('GET', `${system.internal}/api/v1/admin/user-by-email?email=oscar@pandora.example`, {
      token: adminToken,
    });
    for (const [token, body, status, code] of [
      [undefined, good, 401, 'UNAUTHENTICATED'],
      [system.env['SERVICE_TOKEN'], good, 401, 'UNAUTHENTICATED'],
      [user.token, good, 403, 'FORBIDDEN'],
      [adminToken, wanted(randomUUID()), 404, 'NOT_FOUND'],
      [adminToken, wanted(String(staff.body['user_id'])), 422, 'ADJUSTMENT_NOT_POSSIBLE'],
      [adminToken, { ...good, amount: '0' }, 400, 'INVALID_REQUEST'],
      [adminToken, { ...good, amount: 5 }, 400, 'INVALID_REQUEST'],
      [adminToken, { ...good, direction: 'credit' }, 400, 'INVALID_REQUEST'],
      [adminToken, { ...good, reason: ' a ' }, 400, 'INVALID_REQUEST'],
      [adminToken, { ...good, approved: true }, 400, 'INVALID_REQUEST'],
      [adminToken, { ...good, client_adjustment_id: undefined }, 400, 'INVALID_REQUEST'],
    ] as const) {
      t.like(await ask(t.context, token, body), { status, body: { code } }, JSON.stringify(body));
    }
    t.deepEqual(await count(), before);
    t.is((await call(t.context, 'GET', '/adjustments', user.token)).status, 403);
    t.like(await call(t.context, 'GET', `/adjustments/${randomUUID()}`, adminToken), {
      status: 404,
      body: { code: 'ADJUSTMENT_NOT_FOUND' },
    });
    t.is((await request('POST', `${system.rest}/api/v1/adjustments`, { token: adminToken, body: good })).status, 404);
  },
);

test.serial('adjustments: listed by status, page by page', async (t) => {
  const { adminToken, customer } = t.context;
  const { userId } = await customer();
  const made: unknown[] = [];
  for (let count = 0; count < 3; count += 1) {
    made.unshift((await ask(t.context, adminToken, wanted(userId))).body['adjustment_id']);
  }
  const listed = async (query: string) => {
    const { body } = await call(t.context, 'GET', `/adjustments?${query}`, adminToken);
    const items = body['items'] as { adjustment_id: string; status: string }[];
    return { ids: items.map((each) => each.adjustment_id), items, next: body['next_cursor'] };
  };
  const first = await listed('status=REVIEW&limit=2');
  t.deepEqual([first.ids, first.next], [made.slice(0, 2), made[1]]);
  const second = await listed(`status=REVIEW&limit=2&cursor=${String(first.next)}`);
  t.deepEqual(second.ids, [made[2]]);
  t.is(second.next, null);
  t.true((await listed('status=POSTED')).items.every(({ status }) => status === 'POSTED'));
  t.is((await call(t.context, 'GET', '/adjustments?status=review', adminToken)).status, 400);
});
