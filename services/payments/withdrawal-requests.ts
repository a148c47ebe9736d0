import { timingSafeEqual } from 'node:crypto';
import type { Explanation } from '../../domain/compliance/case.ts';
import { DomainError, invariant } from '../../domain/errors.ts';
import { hasFreshFactor } from '../../domain/identity/totp.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import {
  approvalsFor,
  beforeSigning,
  breachOf,
  explainWithdrawal,
  leftOf,
  worth,
} from '../../domain/payments/withdrawal.ts';
import { processStart } from '../../domain/processes.ts';
import { timeOfId } from '../../platform/ids.ts';
import type { Db } from '../../storage/db.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { isHalted } from '../../storage/payments/halts.ts';
import {
  addWithdrawal,
  findByClientId,
  findWithdrawal,
  listWithdrawals,
  lockLimits,
  lockWithdrawal,
  moveWithdrawal,
  type NewWithdrawal,
  type Withdrawal,
  withdrawalUsage,
} from '../../storage/payments/withdrawals.ts';
import { createRecorder } from '../identity/records.ts';
import { balancesChanged } from '../ledger/notices.ts';
import { type WithdrawalDeps, withdrawalAggregate } from './parts.ts';
import { giveBack, hintChanged, withdrawalUpdated } from './withdrawal-records.ts';
import { confirmToken, withdrawalView } from './withdrawal-view.ts';

export type { Withdrawal };

export interface WithdrawalRequest {
  readonly asset: string;
  readonly amount: string;
  readonly address: string;
  readonly clientWithdrawalId: string;
  /** May be left out when the session showed a factor in the last 5 minutes. */
  readonly totp?: string | undefined;
}

export interface Preview {
  readonly amount: string;
  readonly quoteValue: string;
  readonly approvalsNeeded: 0 | 1 | 2;
  readonly left: { readonly day: string; readonly month: string };
}

export interface WithdrawalService {
  /**
   * Sets the funds aside and claims the limits in one commit, and starts the withdrawal. The same client id with the
   * same content gets the first answer. Throws KYC_REQUIRED, SECOND_FACTOR_REQUIRED, INVALID_REQUEST, LIMIT_EXCEEDED,
   * INSUFFICIENT_FUNDS, WITHDRAWALS_HALTED, IDEMPOTENCY_CONFLICT, and what a wrong code throws.
   */
  request(caller: Caller, request: WithdrawalRequest, origin: Origin): Promise<Withdrawal>;
  /** What a withdrawal would be worth, need and leave. Reserves nothing. Throws WITHDRAWALS_HALTED. */
  preview(caller: Caller, request: Pick<WithdrawalRequest, 'asset' | 'amount'>): Promise<Preview>;
  list(caller: Caller, before: string | undefined, limit: number): Promise<readonly Withdrawal[]>;
  /** One of the caller's own. Throws WITHDRAWAL_NOT_FOUND. */
  get(caller: Caller, withdrawalId: string): Promise<Withdrawal>;
  explain(caller: Caller, withdrawalId: string): Promise<Explanation>;
  /** Confirms by the mailed token; again answers the same. Throws INVALID_TOKEN, WITHDRAWAL_NOT_POSSIBLE. */
  confirm(caller: Caller, withdrawalId: string, token: string, origin: Origin): Promise<Withdrawal>;
  /** Gives the funds back, until signing began; again answers the same. Throws WITHDRAWAL_NOT_POSSIBLE. */
  cancel(caller: Caller, withdrawalId: string, origin: Origin): Promise<Withdrawal>;
}

const day = 86_400_000;

export function createWithdrawals(deps: WithdrawalDeps): WithdrawalService {
  const { db, clock, newId, identity, assets, rules, kickOutbox } = deps;
  const { checkGoing, valueOf, usage, place } = createPlacing(deps);
  const own = createOwn(deps);

  async function proveFactor(caller: Caller, totp: string | undefined, origin: Origin): Promise<void> {
    if (totp !== undefined) return identity.secondFactor.stepUp(caller, totp, origin);
    if (hasFreshFactor(caller, clock())) return;
    throw new DomainError('SECOND_FACTOR_REQUIRED', 'Send the current code of your authenticator as totp.');
  }

  return {
    ...own,
    async request(caller, { asset, amount: given, address, clientWithdrawalId, totp }, origin) {
      if (caller.kycStatus !== 'verified') throw new DomainError('KYC_REQUIRED', 'Verify your identity first.');
      const { userId } = caller;
      const amount = await assets.normalise(asset, given);
      const content = { userId, clientWithdrawalId, asset, amount, address };
      const before = await findByClientId(db, content);
      // Asked again: its code was spent by the first.
      if (before !== undefined) return sameAgain(before, content);
      await checkGoing(asset);
      const quoteValue = await valueOf(asset, amount);
      await proveFactor(caller, totp, origin);
      const wanted = { ...content, withdrawalId: newId(), rail: deps.rail, quoteValue };
      const placed = await db.tx('request-withdrawal', (tx) => place(tx, wanted, origin));
      kickOutbox();
      return placed;
    },
    async preview({ userId }, { asset, amount: given }) {
      const amount = await assets.normalise(asset, given);
      await checkGoing(asset);
      const quoteValue = await valueOf(asset, amount);
      const used = await usage(db, userId, clock());
      return {
        amount,
        quoteValue,
        approvalsNeeded: approvalsFor({ quoteValue, listed: false }, rules),
        left: leftOf(used, rules),
      };
    },
    list: ({ userId }, before, limit) => listWithdrawals(db, { userId, before, limit }),
    explain: async (caller, withdrawalId) =>
      explainWithdrawal(withdrawalView(await own.get(caller, withdrawalId), [], rules)),
  };
}

interface Placing {
  /** Before a code is spent; what is asked for at the very moment of a halt is held when it is to be signed. */
  checkGoing(asset: string): Promise<void>;
  valueOf(asset: string, amount: string): Promise<string>;
  usage(tx: Db, userId: string, at: Date): ReturnType<typeof withdrawalUsage>;
  place(tx: Db, wanted: NewWithdrawal, origin: Origin): Promise<Withdrawal>;
}

/** What a request is worth, what counts already, and the commit that claims both limits and funds. */
function createPlacing({ db, newId, funds, rules, priceOf }: WithdrawalDeps): Placing {
  const record = createRecorder({ newId });

  async function checkGoing(asset: string): Promise<void> {
    if (!(await isHalted(db, asset))) return;
    const message = `Withdrawals of ${asset} are halted while something is looked into. Your funds stay as they are.`;
    throw new DomainError('WITHDRAWALS_HALTED', message, { asset });
  }

  async function valueOf(asset: string, amount: string): Promise<string> {
    const price = await priceOf(asset);
    if (price === undefined) throw notPossible('This asset has no price now, so it cannot be withdrawn.');
    return worth(amount, price);
  }

  const usage = (tx: Db, userId: string, at: Date) => {
    const ago = (days: number): Date => new Date(at.getTime() - days * day);
    return withdrawalUsage(tx, { userId, day: ago(1), month: ago(30) });
  };

  async function place(tx: Db, wanted: NewWithdrawal, origin: Origin): Promise<Withdrawal> {
    const { withdrawalId, userId, asset, amount, quoteValue } = wanted;
    const at = timeOfId(withdrawalId);
    await lockLimits(tx, userId, at);
    const used = await usage(tx, userId, at);
    const added = await addWithdrawal(tx, wanted, at);
    if (added === undefined) return sameAgain(await findByClientId(tx, wanted), wanted);
    const breach = breachOf(quoteValue, used, rules);
    if (breach !== undefined) {
      const { period, left, limit } = breach;
      throw new DomainError('LIMIT_EXCEEDED', `You may withdraw ${left} more (in quote value) within ${period}.`, {
        period,
        limit,
        left,
      });
    }
    await funds.reserveFunds(tx, 'withdrawal', {
      reservationId: withdrawalId,
      userId,
      asset,
      amount,
      reason: 'WITHDRAWAL',
    });
    const details = { asset, amount, quote_value: quoteValue };
    const aggregate = withdrawalAggregate(withdrawalId);
    const what = { action: 'withdrawal.request', resource: 'withdrawal', resourceId: withdrawalId, details };
    await record(tx, { ...what, userId, event: withdrawalUpdated(wanted, 'REQUESTED'), origin, at }, [
      balancesChanged(newId, { aggregate, userIds: [userId], at }),
    ]);
    await addToOutbox(tx, [{ aggregate, kind: 'start', ...processStart('withdrawal', withdrawalId) }], at);
    return added;
  }

  return { checkGoing, valueOf, usage, place };
}

/** What the owner of a withdrawal can do with it. */
function createOwn(deps: WithdrawalDeps): Pick<WithdrawalService, 'get' | 'confirm' | 'cancel'> {
  const { db, clock, newId, kickOutbox } = deps;
  const record = createRecorder({ newId });

  async function get(caller: Caller, withdrawalId: string): Promise<Withdrawal> {
    const found = await findWithdrawal(db, withdrawalId);
    if (found?.userId !== caller.userId) throw notFound();
    return found;
  }

  return {
    get,
    async confirm(caller, withdrawalId, token, origin) {
      const found = await get(caller, withdrawalId);
      if (!sameText(token, confirmToken(deps.confirmKey, withdrawalId))) {
        throw new DomainError('INVALID_TOKEN', 'This is not the token of the mail for this withdrawal.');
      }
      await db.tx('confirm-withdrawal', async (tx) => {
        const at = clock();
        const from = ['REQUESTED', 'AWAITING_CONFIRMATION'] as const;
        if (!(await moveWithdrawal(tx, { withdrawalId, from, to: 'SCREENING', at }))) return;
        const what = { action: 'withdrawal.confirm', resource: 'withdrawal', resourceId: withdrawalId };
        const event = withdrawalUpdated(found, 'SCREENING');
        await record(tx, { ...what, userId: caller.userId, event, origin, at });
        await hintChanged(tx, withdrawalId, at);
      });
      kickOutbox();
      const confirmed = await get(caller, withdrawalId);
      if (confirmed.endedReason !== undefined) throw notPossible(`It was ${confirmed.state.toLowerCase()} already.`);
      return confirmed;
    },
    async cancel(caller, withdrawalId, origin) {
      await get(caller, withdrawalId);
      await db.tx('cancel-withdrawal', async (tx) => {
        const found = await lockWithdrawal(tx, withdrawalId);
        invariant(found !== undefined, 'a withdrawal is never removed');
        const actor = { actor: 'user', actorId: caller.userId } as const;
        const ending = { from: beforeSigning, to: 'CANCELLED', reason: 'cancelled by you', origin, ...actor } as const;
        if (await giveBack(deps, tx, found, ending)) await hintChanged(tx, withdrawalId, clock());
      });
      kickOutbox();
      const found = await get(caller, withdrawalId);
      if (found.state !== 'CANCELLED') throw notPossible(`It is ${found.state.toLowerCase()} and cannot be cancelled.`);
      return found;
    },
  };
}

type Content = Pick<Withdrawal, 'userId' | 'clientWithdrawalId' | 'asset' | 'amount' | 'address'>;

function sameAgain(before: Withdrawal | undefined, { asset, amount, address }: Content): Withdrawal {
  invariant(before !== undefined, 'a known client id has its row');
  if (before.asset === asset && before.amount === amount && before.address === address) return before;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This client_withdrawal_id was used for another withdrawal.');
}

const sameText = (given: string, right: string): boolean =>
  given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));

const notFound = (): DomainError => new DomainError('WITHDRAWAL_NOT_FOUND', 'There is no such withdrawal.');
const notPossible = (why: string): DomainError => new DomainError('WITHDRAWAL_NOT_POSSIBLE', why);
