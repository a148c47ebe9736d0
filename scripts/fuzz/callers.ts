import { request } from '../../test/_support/http.ts';
import { createOfficer } from '../../test/_support/officers.ts';
import { showSecondFactor } from '../../test/_support/second-factor.ts';
import type { System } from '../../test/_support/system.ts';
import { run } from '../setup/commands.ts';
import { devStaff } from '../staff.ts';

/** Tokens of one caller of each kind. */
export interface Callers {
  /** Verified, with funds, and with a second factor shown just now: withdrawals are within reach. */
  readonly customer: string;
  /** Neither verified nor funded. */
  readonly newcomer: string;
  readonly officer: string;
  readonly admin: string;
  readonly service: string;
  /** For operations that end the session they are called in, one each. */
  readonly spare: readonly [string, string, string];
}

/** Seeds markets and staff, makes customers and signs everybody in. */
export async function createCallers(system: System): Promise<Callers> {
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  const balances = { BTC: '1000', ETH: '1000', USDT: '1000000000' };
  const customer = await makeCustomer(system, { kyc: 'verified', balances });
  const [newcomer, ...spare] = await Promise.all([
    makeCustomer(system, {}),
    makeCustomer(system, {}),
    makeCustomer(system, {}),
    makeCustomer(system, {}),
  ]);
  const officer = await signIn(system, 'compliance');
  const admin = await signIn(system, 'admin');
  await leaveTraces(system, customer);
  return { customer, newcomer, officer, admin, service: system.env['SERVICE_TOKEN'] ?? '', spare };
}

async function makeCustomer({ internal }: System, body: object): Promise<string> {
  return readToken(await request('POST', `${internal}/api/v1/dev/users`, { body }));
}

/** So that lists are not empty and ids lead somewhere: an order, a trade, an order list, a withdrawal. */
async function leaveTraces(system: System, customer: string): Promise<void> {
  const api = `${system.rest}/api/v1`;
  const post = async (path: string, token: string, body: object): Promise<void> => {
    const answer = await request('POST', api + path, { token, body });
    if (answer.status >= 300) throw new Error(`POST ${path} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const other = await makeCustomer(system, { kyc: 'verified', balances: { BTC: '1' } });
  const limit = { symbol: 'BTC/USDT', order_type: 'LIMIT', price: '50000' };
  await post('/orders', other, { ...limit, side: 'SELL', quantity: '0.5' });
  await post('/orders?response=result', customer, { ...limit, side: 'BUY', quantity: '1', client_order_id: 'first' });
  const orders = [
    { order_type: 'LIMIT', price: '60000' },
    { order_type: 'STOP', stop_price: '40000' },
  ];
  const list = { symbol: 'BTC/USDT', side: 'SELL', quantity: '0.5', orders, client_order_list_id: 'first' };
  await post('/order-lists', customer, list);
  await showSecondFactor(api, customer);
  const withdrawal = { asset: 'BTC', amount: '0.1', address: 'dev1qfuzzaddress', client_withdrawal_id: 'first' };
  await post('/withdrawals', customer, withdrawal);
}

async function signIn({ rest }: System, role: string): Promise<string> {
  const member = devStaff.find((each) => each.role === role);
  if (member === undefined) throw new Error(`There is no ${role} among the staff.`);
  const { email, password } = member;
  const totp = await createOfficer(email).freshCode();
  return readToken(await request('POST', `${rest}/api/v1/auth/login`, { body: { email, password, totp } }));
}

function readToken({ status, body }: { readonly status: number; readonly body: Record<string, unknown> }): string {
  if (status < 300) return String(body['access_token']);
  throw new Error(`There is no token in an answer ${status}: ${JSON.stringify(body)}`);
}
