/** A customer's whole story against the running system: run `make run` first, then `make demo`. */
import { createTemporalClient } from '../temporal/client.ts';
import { loadConfig } from '../platform/config/config.ts';
import { type Addresses, type Balance, call, Customer } from './demo/customer.ts';
import { approve, type Desk } from './demo/officer.ts';
import { step, waitFor } from './demo/story.ts';
import { run } from './setup/commands.ts';
import { reportFault } from './setup/progress.ts';
import { requireRunning } from './setup/running.ts';
import { findTemporal } from './setup/temporal.ts';

const identity = (fullName: string) => ({
  full_name: fullName,
  date_of_birth: '1990-04-30',
  country: 'DE',
  address: '1 Example Street, 10115 Berlin',
  document: {
    type: 'passport',
    number: `P${Math.trunc(performance.now() * 1e6)}`,
    country: 'DE',
    expires_on: '2034-01-31',
  },
});

async function enter(customer: Customer, fullName: string, desk: Desk, officer: string): Promise<void> {
  const { name } = customer;
  await step(`${name} registers as ${customer.email}`, () => customer.register());
  await step(`${name} opens the link in the mail`, () => customer.verify());
  await step(`${name} logs in`, () => customer.logIn());
  const { case_id: caseId } = await step(`${name} sends identity data`, () =>
    customer.post<{ case_id: string }>('/kyc', identity(fullName)),
  );
  const decide = () => approve(desk, `kyc:${caseId}`, officer, 'Documents and data agree.');
  await step(`${officer} approves kyc:${caseId} by an update through Temporal`, decide, (message) => message);
  const verified = async () =>
    (await customer.get<{ kyc_status: string }>('/users/me')).kyc_status === 'verified' ? true : undefined;
  await step(`${name} is verified`, () => waitFor('the KYC status', verified));
}

async function deposit(customer: Customer, at: Addresses, asset: string, amount: string): Promise<void> {
  const body = { user_id: customer.userId, asset, amount, reference: `demo ${customer.email} ${asset}` };
  await step(`${customer.name} receives a deposit of ${amount} ${asset}`, async () => {
    await call('POST', `${at.internal}/dev/deposits`, { body });
    await waitFor('the deposit', async () => {
      const balance = (await customer.balances()).find((each) => each.asset === asset);
      return balance !== undefined && Number(balance.available) > 0 ? true : undefined;
    });
  });
}

interface Order {
  readonly order_id: string;
  readonly status: string;
}

async function place(customer: Customer, side: string, price: string): Promise<string> {
  const body = { symbol: 'BTC/USDT', side, order_type: 'LIMIT', time_in_force: 'GTC', quantity: '1', price };
  const sentence = `${customer.name} places ${side} 1 BTC at ${price} USDT`;
  const order = await step(
    sentence,
    () => customer.post<Order>('/orders', body),
    ({ status }) => status,
  );
  return order.order_id;
}

async function trade(maker: Customer, taker: Customer): Promise<void> {
  const makerOrder = await place(maker, 'SELL', '50000');
  await waitFor('the order to rest', async () =>
    (await maker.get<Order>(`/orders/${makerOrder}`)).status === 'OPEN' ? true : undefined,
  );
  const takerOrder = await place(taker, 'BUY', '51000');
  await step('The matcher fills both orders', async () => {
    for (const [customer, id] of [
      [maker, makerOrder],
      [taker, takerOrder],
    ] as const) {
      await waitFor('the fill', async () =>
        (await customer.get<Order>(`/orders/${id}`)).status === 'FILLED' ? true : undefined,
      );
    }
  });
  await step('The settlement workflow settles the trade', () =>
    waitFor('the settlement', async () => {
      const nothingReserved = (await taker.balances()).every(({ reserved }) => reserved === '0');
      return nothingReserved ? true : undefined;
    }),
  );
}

async function withdraw(customer: Customer, desk: Desk, officer: string): Promise<void> {
  await step(`${customer.name} sets up an authenticator`, () => customer.enrolSecondFactor());
  const body = {
    asset: 'BTC',
    amount: '0.1',
    address: 'dev1qdemoaddress',
    client_withdrawal_id: `demo-${customer.userId}`,
  };
  const { withdrawal_id: id } = await step(`${customer.name} withdraws 0.1 BTC`, () =>
    customer.post<{ withdrawal_id: string }>('/withdrawals', body),
  );
  await step(`${customer.name} confirms by the mailed link`, async () =>
    customer.post(`/withdrawals/${id}/confirm`, { token: await customer.mailedToken(`withdrawals/${id}/confirm`) }),
  );
  const decide = () => approve(desk, `withdrawal:${id}`, officer, 'Known customer, address is clean.');
  await step(`${officer} approves withdrawal:${id}`, decide, (message) => message);
  const settled = async () => {
    const { status } = await customer.get<{ status: string }>(`/withdrawals/${id}`);
    return status === 'SETTLED' ? true : undefined;
  };
  await step('The withdrawal is sent, confirmed and settled', () => waitFor('the withdrawal', settled, 60));
}

function printBalances(rows: readonly (readonly [string, readonly Balance[]])[]): void {
  console.log(`\n${'customer'.padEnd(10)}${'asset'.padEnd(8)}${'available'.padStart(16)}${'reserved'.padStart(16)}`);
  for (const [name, balances] of rows) {
    for (const { asset, available, reserved } of balances.filter((each) => each.available !== '0')) {
      console.log(`${name.padEnd(10)}${asset.padEnd(8)}${available.padStart(16)}${reserved.padStart(16)}`);
    }
  }
}

async function main(): Promise<void> {
  const { env } = requireRunning();
  const at = {
    rest: `http://127.0.0.1:${env['SERVER_PORT'] ?? ''}/api/v1`,
    internal: `http://127.0.0.1:${env['ADMIN_PORT'] ?? ''}/api/v1`,
  };
  const { client, close } = createTemporalClient(loadConfig(env).temporal);
  try {
    const desk = { program: await findTemporal(), client, env };
    const [alice, bob] = [new Customer('Alice', at), new Customer('Bob', at)];
    await enter(alice, 'Alice Example', desk, 'olivia@pandora.example');
    await enter(bob, 'Bob Example', desk, 'oscar@pandora.example');
    await deposit(alice, at, 'USDT', '51000');
    await deposit(bob, at, 'BTC', '1');
    await trade(bob, alice);
    await withdraw(alice, desk, 'olivia@pandora.example');
    printBalances([
      ['Alice', await alice.balances()],
      ['Bob', await bob.balances()],
    ]);
    console.log(await run(process.execPath, ['scripts/reconcile.ts'], { env: { ...process.env, ...env } }));
  } finally {
    await close();
  }
}

await main().catch(reportFault);
