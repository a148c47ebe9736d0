import { msToTs } from '@temporalio/common/lib/time.js';
import anyTest, { type TestFn } from 'ava';
import { processId } from '../../domain/processes.ts';
import { createDevCustody } from '../../gateways/custody/dev-gateway.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLogger } from '../../platform/log.ts';
import { createBookCheck } from '../../services/books.ts';
import { createStatementReading } from '../../services/ledger/statement.ts';
import { findBreaks } from '../_support/books.ts';
import { request } from '../_support/http.ts';
import { showSecondFactor } from '../_support/second-factor.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<System>;

test.before(async (t) => {
  t.context = await startSystem({}, { own: ['temporal'] });
});
test.after.always((t) => t.context.stop());

interface Sent {
  readonly items: readonly { readonly amount: string; readonly to: string }[];
}

/** A withdrawal of 0.01 BTC, small enough to need no officer, confirmed by the link in its mail. */
async function withdraw(system: System): Promise<string> {
  const api = `${system.rest}/api/v1`;
  const email = 'carol@example.com';
  const body = { email, kyc: 'verified', balances: { BTC: '1' } };
  const made = await request('POST', `${system.internal}/api/v1/dev/users`, { body });
  const token = String(made.body['access_token']);
  await showSecondFactor(api, token);
  const wish = { asset: 'BTC', amount: '0.01', address: 'dev1qdestination', client_withdrawal_id: 'chaos-1' };
  const asked = await request('POST', `${api}/withdrawals`, { token, body: wish });
  const id = String(asked.body['withdrawal_id']);
  const inbox = () =>
    request<{ items: readonly { text: string }[] }>('GET', `${system.inbox}/mails?to=${encodeURIComponent(email)}`);
  const link = new RegExp(`withdrawals/${id}/confirm#token=([\\w-]+)`);
  const tokenIn = async () => (await inbox()).body.items.map(({ text }) => link.exec(text)?.[1]).find(Boolean);
  await until(async () => (await tokenIn()) !== undefined, 20_000);
  await request('POST', `${api}/withdrawals/${id}/confirm`, { token, body: { token: await tokenIn() } });
  return id;
}

/** Temporal calls a step lost when it has no end for so long: here, one on its way, to wait less for that. */
async function shorten(system: System, withdrawalId: string, step: string, timeoutMs: number): Promise<void> {
  const { client, namespace } = system.temporal;
  await client.workflowService.updateActivityOptions({
    namespace,
    execution: { workflowId: processId('withdrawal', withdrawalId) },
    type: step,
    activityOptions: { startToCloseTimeout: msToTs(timeoutMs) },
    updateMask: { paths: ['start_to_close_timeout'] },
  });
}

test.serial(
  'withdrawal: Temporal and the workers killed between sending and recording, sent and debited once',
  async (t) => {
    t.timeout(120_000);
    const system = t.context;
    const custody = system.env['CUSTODY_URL'] ?? '';
    const sent = async () => (await request<Sent>('GET', `${custody}/transactions`)).body.items;
    const state = async (id: string) =>
      (await system.db.one<{ state: string }>('SELECT state FROM payments.withdrawals WHERE withdrawal_id = $1', [id]))
        .state;
    const custodian = (trouble: object) => request('POST', `${custody}/trouble`, { body: trouble });
    // What is sent is taken at once and answered much later: in between nobody knows.
    await custodian({ delayMs: 5_000 });
    const id = await withdraw(system);
    await until(async () => (await sent()).length > 0, 30_000);
    await shorten(system, id, 'broadcastWithdrawal', 7_000);
    t.is(await state(id), 'SIGNING', 'it is sent and not recorded');
    await system.servers.temporal!.kill();
    await system.kill('workers');
    await custodian({ delayMs: 0 });
    await system.servers.temporal!.start();
    await system.start('workers');
    await until(async () => (await state(id)) === 'SETTLED', 60_000);
    t.deepEqual(
      (await sent()).map(({ amount, to }) => ({ amount, to })),
      [{ amount: '0.01', to: 'dev1qdestination' }],
    );
    const debits = await system.db.many(
      "SELECT 1 FROM ledger.transfers WHERE journal_id = $1 AND kind = 'WITHDRAWAL'",
      [id],
    );
    t.is(debits.length, 1);
    t.deepEqual(await findBreaks(system.db), []);
    t.deepEqual(system.lost(), []);
  },
);

test.serial(
  'custodian: killed and started again, has what it sent on its statement, and the books agree',
  async (t) => {
    const system = t.context;
    const custody = createDevCustody(system.env['CUSTODY_URL'] ?? '');
    const { lines } = await custody.statement();
    await system.kill('custody');
    await system.start('custody');
    t.deepEqual((await custody.statement()).lines, lines);
    t.like(lines, { length: 1, 0: { direction: 'out', asset: 'BTC', amount: '0.01', to: 'dev1qdestination' } });
    const readStatement = createStatementReading({ custody, clock: systemClock, log: silentLogger });
    const { statement, breaks } = await createBookCheck({ db: system.db, clock: systemClock, readStatement })();
    t.deepEqual(statement?.sums, [{ asset: 'BTC', stated: '0.01', booked: '0.01' }]);
    t.deepEqual(breaks, []);
  },
);
