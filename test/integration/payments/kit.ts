import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../../domain/compliance/decision.ts';
import type { Caller } from '../../../domain/identity/user.ts';
import { processId } from '../../../domain/processes.ts';
import { createDevCustody } from '../../../gateways/custody/dev-gateway.ts';
import type { CustodyGateway } from '../../../gateways/custody/custody.ts';
import type { SentTransaction } from '../../../gateways/custody/dev-chain.ts';
import { startDevCustody } from '../../../gateways/custody/dev-server.ts';
import { createLedgerService, type LedgerService } from '../../../services/ledger/ledger.ts';
import type { WithdrawalDeps } from '../../../services/payments/parts.ts';
import { createWithdrawalService, type Withdrawals } from '../../../services/payments/withdrawals.ts';
import { confirmToken } from '../../../services/payments/withdrawal-view.ts';
import type { Database } from '../../../storage/db.ts';
import { addAssets } from '../../../storage/ledger/assets.ts';
import { bookDeposit } from '../../_support/crossings.ts';
import { servers } from '../../_support/servers.ts';
import { type ComplianceKit, createComplianceKit, type Officer } from '../compliance/kit.ts';
import { origin } from '../identity/kit.ts';

export interface PaymentsKit extends ComplianceKit {
  readonly withdrawals: Withdrawals;
  readonly withdrawalDeps: WithdrawalDeps;
  readonly custody: CustodyGateway;
  readonly custodyUrl: string;
  /** Of the database, for other processes. */
  readonly url: string;
  /** Has the custodian be slow or failing. */
  readonly setTrouble: (trouble: object) => Promise<unknown>;
  /** What the chain has. */
  readonly chain: () => Promise<readonly SentTransaction[]>;
  /** A verified customer with these funds and a factor shown just now. */
  readonly rich: (balances: Readonly<Record<string, string>>) => Promise<Caller>;
  readonly request: (
    caller: Caller,
    amount: string,
    other?: { id?: string; address?: string },
  ) => ReturnType<Withdrawals['request']>;
  /** `available/reserved`. */
  readonly shown: (userId: string, asset?: string) => Promise<string>;
  readonly confirm: (caller: Caller, id: string) => ReturnType<Withdrawals['confirm']>;
  readonly decide: (
    id: string,
    officer: Officer,
    outcome?: Outcome,
    other?: { updateId?: string; revision?: string },
  ) => ReturnType<Withdrawals['decide']>;
  /** Everything from the approval to the books. */
  readonly send: (id: string) => Promise<void>;
  readonly clearing: (asset?: string) => Promise<string>;
}

const rules: WithdrawalDeps['rules'] = {
  automaticUpTo: '1000',
  oneOfficerUpTo: '10000',
  dailyLimit: '50000',
  monthlyLimit: '80000',
  confirmWithinMs: 24 * 3_600_000,
  approveWithinMs: 48 * 3_600_000,
  reminderAfterMs: 4 * 3_600_000,
  escalateAfterMs: 24 * 3_600_000,
  confirmations: 1,
};

/** Withdrawals beside compliance, the ledger and a custodian of their own; `close` it at the end. */
export async function createPaymentsKit(times: Partial<WithdrawalDeps['rules']> = {}): Promise<PaymentsKit> {
  const kit = await createComplianceKit();
  const { db, now: clock, identity, deps } = kit;
  const { newId } = deps;
  const ledger = createLedgerService({ db, clock, newId, findTrade: async () => undefined });
  await addAssets(db, [
    { asset: 'BTC', scale: 8, name: 'Bitcoin' },
    { asset: 'USDT', scale: 6, name: 'Tether' },
  ]);
  const withdrawalDeps: WithdrawalDeps = {
    db,
    clock,
    newId,
    identity,
    assets: ledger.assets,
    funds: ledger.funds,
    priceOf: async (asset) => ({ USDT: '1', BTC: '50000' })[asset],
    rail: 'dev',
    confirmKey: randomBytes(32),
    kickOutbox: () => undefined,
    rules: { ...rules, ...times },
    publicUrl: 'https://exchange.test',
    deskMail: 'desk@exchange.test',
    uiUrl: 'https://desk.exchange.test',
  };
  const { close: closeCustodian, ...custodian } = await startCustodian();
  return {
    ...kit,
    ...custodian,
    ...createActs(kit, ledger, withdrawalDeps, custodian.custody),
    withdrawalDeps,
    url: await urlOf(db),
    async close() {
      await closeCustodian();
      await kit.close();
    },
  };
}

async function urlOf(db: Database): Promise<string> {
  const url = new URL(servers.templateDatabaseUrl());
  url.pathname = `/${(await db.one<{ name: string }>('SELECT current_database() AS name')).name}`;
  return url.href;
}

async function startCustodian() {
  const server = await startDevCustody({ host: '127.0.0.1', port: 0, clock: () => new Date(), blockMs: 1 });
  const custodyUrl = `http://127.0.0.1:${server.port}`;
  return {
    custodyUrl,
    custody: createDevCustody(custodyUrl),
    setTrouble: (trouble: object) => fetch(`${custodyUrl}/trouble`, { method: 'POST', body: JSON.stringify(trouble) }),
    async chain(): Promise<readonly SentTransaction[]> {
      const response = await fetch(`${custodyUrl}/transactions`);
      return ((await response.json()) as { items: SentTransaction[] }).items;
    },
    close: server.close,
  };
}

type Acts = Pick<
  PaymentsKit,
  'withdrawals' | 'rich' | 'request' | 'shown' | 'confirm' | 'decide' | 'send' | 'clearing'
>;

/** What customers and officers do, and what the books then say. */
function createActs(
  { identity }: ComplianceKit,
  ledger: LedgerService,
  deps: WithdrawalDeps,
  custody: CustodyGateway,
): Acts {
  const { db, clock, newId, confirmKey } = deps;
  const withdrawals = createWithdrawalService(deps);
  return {
    withdrawals,
    async rich(balances) {
      const { user, tokens } = await identity.readyUsers.create({ kycVerified: true }, origin);
      for (const [asset, amount] of Object.entries(balances)) {
        await bookDeposit(db, { id: newId(), userId: user.userId, asset, amount }, clock());
      }
      return { ...(await identity.authenticate(tokens.accessToken, origin)), lastFactorAt: clock() };
    },
    request: (caller, amount, { id = randomUUID(), address = 'dev1destination' } = {}) =>
      withdrawals.request(caller, { asset: 'USDT', amount, address, clientWithdrawalId: id }, origin),
    async shown(userId, asset = 'USDT') {
      const balance = (await ledger.wallets.balances(userId)).find((each) => each.asset === asset);
      return balance === undefined ? 'none' : `${balance.available}/${balance.reserved}`;
    },
    confirm: (caller, id) => withdrawals.confirm(caller, id, confirmToken(confirmKey, id), origin),
    async decide(id, officer, outcome = 'approve', { updateId = randomUUID(), revision } = {}) {
      const view = await withdrawals.steps.describe(id);
      const sent = {
        officer: officer.email,
        code: await officer.code(),
        revision: revision ?? view?.revision ?? '',
        outcome,
        reason: 'looked at it',
        acceptedAt: clock(),
      };
      return withdrawals.decide(id, sent, { workflowId: processId('withdrawal', id), runId: randomUUID(), updateId });
    },
    async send(id) {
      const { steps } = withdrawals;
      await steps.prepare(id, custody);
      await steps.broadcast(id, custody);
      await sleep(5);
      await steps.confirm(id, custody);
      await steps.settle(id);
    },
    async clearing(asset = 'USDT') {
      const row = await db.one<{ balance: string }>(
        `SELECT trim_scale(balance)::text AS balance FROM ledger.accounts
          WHERE kind = 'clearing' AND asset = $1 AND rail = 'dev'`,
        [asset],
      );
      return row.balance;
    },
  };
}
