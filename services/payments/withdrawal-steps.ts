import {
  approvalsFor,
  beforeSigning,
  type WithdrawalState,
  type WithdrawalView,
} from '../../domain/payments/withdrawal.ts';
import { DomainError, invariant } from '../../domain/errors.ts';
import { processId, processStart } from '../../domain/processes.ts';
import type { CustodyGateway } from '../../gateways/custody/custody.ts';
import type { Mail } from '../../gateways/mail/mail.ts';
import { listDecisions } from '../../storage/compliance/decisions.ts';
import { isFrozen } from '../../storage/identity/frozen.ts';
import { isHalted } from '../../storage/payments/halts.ts';
import {
  beginSigning,
  endWithdrawal,
  endWithdrawalScreening,
  findWithdrawal,
  listRunningWithdrawals,
  lockWithdrawal,
  moveWithdrawal,
  storeSigned,
  takeNonce,
  type Withdrawal,
} from '../../storage/payments/withdrawals.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Db } from '../../storage/db.ts';
import { deskLetter } from '../compliance/letters.ts';
import { createRecorder } from '../identity/records.ts';
import { balancesChanged } from '../ledger/notices.ts';
import type { FindUnfinished } from '../outbox/ports.ts';
import { type WithdrawalDeps, withdrawalAggregate } from './parts.ts';
import { confirmationLetter, endingLetter } from './withdrawal-letters.ts';
import { giveBack, originOf, withdrawalUpdated } from './withdrawal-records.ts';
import { confirmToken, deadlineOf, withdrawalRevision, withdrawalView } from './withdrawal-view.ts';

/** What the withdrawal workflow does, one step each; every step looks at the row and may be repeated. */
export interface WithdrawalSteps {
  /** The withdrawal as the desk sees it; undefined when there is none. */
  describe(withdrawalId: string): Promise<WithdrawalView | undefined>;
  confirmationMail(withdrawalId: string): Promise<Mail | undefined>;
  /** Notes that the mail was sent. */
  awaitConfirmation(withdrawalId: string): Promise<void>;
  /** Where it is to go, while that is to be screened. */
  addressToScreen(withdrawalId: string): Promise<string | undefined>;
  /** Ends the screening: to officers, or approved up to the automatic threshold. */
  keepScreening(withdrawalId: string, screened: { readonly listed: boolean; readonly source: string }): Promise<void>;
  /** Gives the funds back when the time for the customer or the officers is over; else does nothing. */
  expire(withdrawalId: string): Promise<void>;
  /** Signs what is approved, once, and stores it. `held` while the asset is halted or the account frozen. */
  prepare(withdrawalId: string, custody: CustodyGateway): Promise<'ready' | 'held'>;
  /** Sends the stored bytes, and only those. */
  broadcast(withdrawalId: string, custody: CustodyGateway): Promise<void>;
  /** Throws UNAVAILABLE until the chain has confirmed the stored transaction often enough. */
  confirm(withdrawalId: string, custody: CustodyGateway): Promise<void>;
  /** Pays out of the reservation, once. */
  settle(withdrawalId: string): Promise<void>;
  endingMail(withdrawalId: string): Promise<Mail | undefined>;
  deskMail(withdrawalId: string, kind: 'reminder' | 'overdue'): Promise<Mail | undefined>;
  readonly findUnfinished: FindUnfinished;
}

export function createWithdrawalSteps(deps: WithdrawalDeps): WithdrawalSteps {
  const { db, clock, identity, rules } = deps;
  const decisionsOn = (tx: Db, subjectId: string) => listDecisions(tx, { subject: 'withdrawal', subjectId });

  return {
    async describe(withdrawalId) {
      const found = await findWithdrawal(db, withdrawalId);
      return found && withdrawalView(found, await decisionsOn(db, withdrawalId), rules);
    },
    async confirmationMail(withdrawalId) {
      const found = await findWithdrawal(db, withdrawalId);
      if (found?.state !== 'REQUESTED') return undefined;
      const { email } = await identity.accounts.get(found.userId);
      const letter = confirmationLetter(found, deps.publicUrl, confirmToken(deps.confirmKey, withdrawalId));
      return { ...letter, to: email, messageId: `withdrawal.${withdrawalId}.confirm` };
    },
    async awaitConfirmation(withdrawalId) {
      await moveWithdrawal(db, { withdrawalId, from: ['REQUESTED'], to: 'AWAITING_CONFIRMATION', at: clock() });
    },
    async addressToScreen(withdrawalId) {
      const found = await findWithdrawal(db, withdrawalId);
      return found?.state === 'SCREENING' ? found.address : undefined;
    },
    async keepScreening(withdrawalId, { listed, source }) {
      const found = await findWithdrawal(db, withdrawalId);
      if (found === undefined) return;
      const { quoteValue } = found;
      const approvalsNeeded = approvalsFor({ quoteValue, listed }, rules);
      const reasons = [
        { points: 0, text: `It is worth ${quoteValue}` },
        listed
          ? { points: 100, text: `The destination is on a sanctions list (${source})` }
          : { points: 0, text: `The destination is on no list (${source})` },
      ];
      const to = approvalsNeeded === 0 ? 'APPROVED' : 'REVIEW';
      await endWithdrawalScreening(db, { withdrawalId, to, approvalsNeeded, reasons, at: clock() });
    },
    async expire(withdrawalId) {
      await db.tx('expire-withdrawal', async (tx) => {
        const found = await lockWithdrawal(tx, withdrawalId);
        const deadline = found && deadlineOf(found, rules);
        if (found === undefined || deadline === undefined || deadline > clock()) return;
        const reason = found.state === 'REVIEW' ? 'nobody approved it in time' : 'it was not confirmed in time';
        const by = { actor: 'system', origin: originOf(withdrawalId) } as const;
        await giveBack(deps, tx, found, { from: beforeSigning, to: 'EXPIRED', reason, ...by });
      });
    },
    ...createSendingSteps(deps, decisionsOn),
    async endingMail(withdrawalId) {
      const found = await findWithdrawal(db, withdrawalId);
      if (found === undefined || (found.endedReason === undefined && found.state !== 'SETTLED')) return undefined;
      const { email } = await identity.accounts.get(found.userId);
      return { ...endingLetter(found), to: email, messageId: `withdrawal.${withdrawalId}.end` };
    },
    async deskMail(withdrawalId, kind) {
      const found = await findWithdrawal(db, withdrawalId);
      if (found?.state !== 'REVIEW') return undefined;
      const letter = deskLetter(kind, processId('withdrawal', withdrawalId), deps.uiUrl);
      return { ...letter, to: deps.deskMail, messageId: `withdrawal.${withdrawalId}.${kind}` };
    },
    async findUnfinished(page) {
      return (await listRunningWithdrawals(db, page)).map((id) => processStart('withdrawal', id));
    },
  };
}

type SendingSteps = Pick<WithdrawalSteps, 'prepare' | 'broadcast' | 'confirm' | 'settle'>;

/** From the approval to the books. Every step acts on what is stored, never on what it is told. */
function createSendingSteps(
  { db, clock, newId, funds, rules }: WithdrawalDeps,
  decisionsOn: (tx: Db, id: string) => ReturnType<typeof listDecisions>,
): SendingSteps {
  /** True when as many different officers approved these very facts as are needed. */
  async function isApproved(tx: Db, found: Withdrawal): Promise<boolean> {
    const revision = withdrawalRevision(found);
    const decisions = await decisionsOn(tx, found.withdrawalId);
    const approvers = decisions.filter((each) => each.outcome === 'approve' && each.revision === revision);
    const needed = found.approvalsNeeded ?? Number.POSITIVE_INFINITY;
    return new Set(approvers.map(({ officerId }) => officerId)).size >= needed;
  }

  async function startSigning(withdrawalId: string): Promise<'ready' | 'held'> {
    return db.tx('begin-signing', async (tx) => {
      const found = await lockWithdrawal(tx, withdrawalId);
      if (found?.state !== 'APPROVED') return 'ready';
      if ((await isHalted(tx, found.asset)) || (await isFrozen(tx, found.userId))) return 'held';
      invariant(await isApproved(tx, found), 'an approved withdrawal has its approvals');
      const nonce = await takeNonce(tx, found.rail);
      await beginSigning(tx, { withdrawalId, nonce, at: clock() });
      return 'ready';
    });
  }

  return {
    async prepare(withdrawalId, custody) {
      if ((await startSigning(withdrawalId)) === 'held') return 'held';
      const found = await findWithdrawal(db, withdrawalId);
      if (found?.state !== 'SIGNING' || found.signed !== undefined || found.nonce === undefined) return 'ready';
      const { nonce, asset, amount, address: to } = found;
      const signed = await custody.sign({ nonce, asset, amount, to });
      // The first that is stored is the only one ever sent.
      await storeSigned(db, { ...signed, withdrawalId, at: clock() });
      return 'ready';
    },
    async broadcast(withdrawalId, custody) {
      const found = await findWithdrawal(db, withdrawalId);
      if (found?.state !== 'SIGNING' || found.signed === undefined) return;
      await custody.broadcast(found.signed);
      await db.tx('withdrawal-sent', async (tx) => {
        const at = clock();
        if (!(await moveWithdrawal(tx, { withdrawalId, from: ['SIGNING'], to: 'BROADCAST', at }))) return;
        await recordSending(newId, tx, found, { did: 'send', state: 'BROADCAST', at });
      });
    },
    async confirm(withdrawalId, custody) {
      const found = await findWithdrawal(db, withdrawalId);
      if (found?.state !== 'BROADCAST' || found.signed === undefined) return;
      const confirmations = await custody.confirmations(found.signed.hash);
      // A chain that forgot it gets the same bytes again: it is the same transaction.
      if (confirmations === undefined) await custody.broadcast(found.signed);
      if ((confirmations ?? 0) < rules.confirmations) {
        throw new DomainError('UNAVAILABLE', `Confirmed ${confirmations ?? 0} of ${rules.confirmations} times.`);
      }
      await moveWithdrawal(db, { withdrawalId, from: ['BROADCAST'], to: 'CONFIRMED', at: clock() });
    },
    async settle(withdrawalId) {
      await db.tx('settle-withdrawal', async (tx) => {
        const found = await lockWithdrawal(tx, withdrawalId);
        if (found === undefined) return;
        const at = clock();
        if (!(await endWithdrawal(tx, { withdrawalId, from: ['CONFIRMED'], to: 'SETTLED', reason: null, at }))) return;
        await funds.settleWithdrawal(tx, { id: withdrawalId, amount: found.amount, rail: found.rail });
        await recordSending(newId, tx, found, { did: 'settle', state: 'SETTLED', at });
      });
    },
  };
}

/** Notes what was done with the money, and tells the owner. */
async function recordSending(
  newId: NewId,
  tx: Db,
  found: Withdrawal,
  { did, state, at }: { readonly did: string; readonly state: WithdrawalState; readonly at: Date },
): Promise<void> {
  const { withdrawalId, asset, amount, signed } = found;
  const what = { action: `withdrawal.${did}`, resource: 'withdrawal', resourceId: withdrawalId };
  const details = { asset, amount, tx_hash: signed?.hash };
  const event = withdrawalUpdated(found, state);
  const told = { ...what, actor: 'system', details, event, origin: originOf(withdrawalId), at } as const;
  const notice = { aggregate: withdrawalAggregate(withdrawalId), userIds: [found.userId], at };
  await createRecorder({ newId })(tx, told, [balancesChanged(newId, notice)]);
}
