import { DomainError, invariant } from '../../domain/errors.ts';
import { shortestDecimal } from '../../domain/money.ts';
import { processStart } from '../../domain/processes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Database } from '../../storage/db.ts';
import { findUser } from '../../storage/identity/users.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import {
  addDeposit,
  type Deposit,
  depositState,
  findDeposit,
  listDeposits,
  listUncredited,
  markCredited,
  type ReportedDeposit,
} from '../../storage/payments/deposits.ts';
import type { AssetBook } from '../ledger/assets.ts';
import type { Funds } from '../ledger/funds.ts';
import { createRecorder } from '../identity/records.ts';
import { balancesChanged } from '../ledger/notices.ts';
import type { FindUnfinished } from '../outbox/ports.ts';

export type { Deposit };

/** What a deposit's workflow finds: credited now or before, or no such deposit, and then nothing moved. */
export type CreditOutcome = 'credited' | 'unknown';

export interface DepositService {
  /**
   * Notes a final deposit and starts its workflow. The same rail and reference again get the first answer; with other
   * content they throw IDEMPOTENCY_CONFLICT. Throws NOT_FOUND for an unknown user, INVALID_REQUEST for a bad amount.
   */
  report(deposit: ReportedDeposit): Promise<Deposit>;
  /** Credits a reported deposit, once however often it is asked. */
  credit(depositId: string): Promise<CreditOutcome>;
  /** A user's deposits, newest first; `before` is the last id of the page before. */
  list(userId: string, before: string | undefined, limit: number): Promise<readonly Deposit[]>;
  /** The deposits whose workflow must be running. */
  readonly findUncredited: FindUnfinished;
}

export interface DepositDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly assets: AssetBook;
  readonly funds: Pick<Funds, 'creditDeposit'>;
  readonly kickOutbox: () => void;
}

export function createDepositService(deps: DepositDeps): DepositService {
  const { db, clock, newId, assets, funds, kickOutbox } = deps;
  const record = createRecorder({ newId });
  return {
    async report({ amount: given, ...deposit }) {
      const amount = await assets.normalise(deposit.asset, given);
      const at = clock();
      const noted = await db.tx('deposit-report', async (tx) => {
        if ((await findUser(tx, deposit.userId)) === undefined) throw new DomainError('NOT_FOUND', 'No such user.');
        const added = await addDeposit(tx, { ...deposit, amount, depositId: newId() }, at);
        if (added === undefined) return findDeposit(tx, deposit.rail, deposit.reference);
        const start = processStart('deposit', added.depositId);
        await addToOutbox(tx, [{ aggregate: `deposit:${added.depositId}`, kind: 'start', ...start }], at);
        return added;
      });
      kickOutbox();
      invariant(noted !== undefined, 'a known reference has its row');
      if (noted.userId === deposit.userId && noted.asset === deposit.asset && noted.amount === amount) return noted;
      throw new DomainError('IDEMPOTENCY_CONFLICT', 'This reference was reported with other content.');
    },

    async credit(depositId) {
      const outcome = await db.tx('deposit-credit', async (tx): Promise<CreditOutcome> => {
        const at = clock();
        const deposit = await markCredited(tx, depositId, at);
        if (deposit === undefined) return (await depositState(tx, depositId)) === 'CREDITED' ? 'credited' : 'unknown';
        const { amount, rail, asset, userId } = deposit;
        await funds.creditDeposit(tx, { id: depositId, amount, rail }, deposit);
        const notice = { aggregate: `deposit:${depositId}`, userIds: [userId], at };
        const what = { action: 'deposit.credit', resource: 'deposit', resourceId: depositId };
        const payload = { deposit_id: depositId, asset, amount: shortestDecimal(amount) };
        const event = { userId, type: 'deposit.credited', payload };
        const origin = { traceId: depositId.replaceAll('-', '') };
        const details = { asset, amount, rail };
        await record(tx, { ...what, userId, actor: 'system', details, event, origin, at }, [
          balancesChanged(newId, notice),
        ]);
        return 'credited';
      });
      kickOutbox();
      return outcome;
    },

    list: (userId, before, limit) => listDeposits(db, { userId, before, limit }),
    async findUncredited(page) {
      return (await listUncredited(db, page)).map((depositId) => processStart('deposit', depositId));
    },
  };
}
