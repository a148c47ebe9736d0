import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { DepositActivities } from '../../activities/deposits.ts';
import type { OperationsActivities } from '../../activities/operations.ts';
import type { RegistrationActivities } from '../../activities/registration.ts';
import type { SettlementActivities } from '../../activities/settlement.ts';
import { DomainError } from '../../domain/errors.ts';
import type { RegistrationState } from '../../services/identity/registration-steps.ts';
import { createEncryptionCodec } from '../../temporal/codec/encryption-codec.ts';
import { until } from '../_support/until.ts';
import { adjustmentRevision, createAdjustmentRow } from '../workflows/adjustment-row.ts';
import { breaksRevision, createBreaksRow } from '../workflows/breaks-row.ts';
import { createTradeRow, tradeRevision } from '../workflows/trade-row.ts';
import { createTimerRow } from '../workflows/timer-row.ts';
import { createKycRow, revisionOf } from '../workflows/kyc-row.ts';
import { createWithdrawalRow, revision } from '../workflows/withdrawal-row.ts';

/** Published on purpose: recorded histories are encrypted like real ones, and hold nothing real. */
export const recordingConverter: DataConverter = {
  payloadCodecs: [
    createEncryptionCodec([{ id: 'recordings', base64: Buffer.alloc(32, 'recordings').toString('base64') }]),
  ],
};

/** One way through a workflow, kept as a history that every later version of its code must be able to replay. */
export interface Recording {
  readonly name: string;
  readonly workflow: string;
  readonly input: string;
  /** Made anew for each recording, over the server whose time it is. */
  readonly begin: (env: TestWorkflowEnvironment) => Begun | Promise<Begun>;
}

interface Begun {
  readonly activities: object;
  /** What happens from outside while it runs. */
  readonly play: (handle: WorkflowHandle) => Promise<void>;
}

const nothingHappens = async (): Promise<void> => undefined;

const userId = '01980000-0000-7000-8000-000000000001';

const registrationIn = (state: { now: RegistrationState }): RegistrationActivities => ({
  sendRegistrationMail: async () => undefined,
  sendRegistrationReminder: async () => undefined,
  registrationState: async () => state.now,
  endRegistration: async () => 'gone',
});

function verifiedAfterAnotherMail(env: TestWorkflowEnvironment): Begun {
  const state: { now: RegistrationState } = { now: 'waiting' };
  return {
    activities: registrationIn(state),
    async play(handle) {
      await env.sleep('1h');
      await handle.signal('mailRequested');
      await env.sleep('1h');
      state.now = 'verified';
      await handle.signal('verified');
    },
  };
}

/** Ends by being cancelled: a market is settled for ever. */
function settlementThroughFaultAndHint(env: TestWorkflowEnvironment): Begun {
  let calls = 0;
  const activities: SettlementActivities = {
    settleTrades: async () => {
      calls += 1;
      if (calls === 2) throw new DomainError('TRANSFER_REFUSED', 'Recorded on purpose.');
      return { settledSeq: calls, lag: calls === 3 ? 5 : 0, parked: 0, stopped: false };
    },
  };
  return {
    activities,
    async play(handle) {
      await env.sleep('45s');
      await handle.signal('tradesMatched');
      await env.sleep('5s');
      await handle.cancel();
    },
  };
}

const caseId = '01980000-0000-7000-8000-000000000003';
const withdrawalId = '01980000-0000-7000-8000-000000000004';

type Decision = Readonly<Record<'officer' | 'code' | 'revision' | 'outcome' | 'reason', string>>;
const approval = { officer: 'olivia@example.com', code: '123456', outcome: 'approve', reason: 'in order' } as const;

const decide = (handle: WorkflowHandle, decision: Decision): Promise<unknown> =>
  handle.executeUpdate('decide', { args: [decision] });

/** What a workflow shows: asked until it is so. */
const untilShown = (handle: WorkflowHandle, state: string): Promise<void> =>
  until(async () => (await handle.query<{ state: string } | null>('describe'))?.state === state);

/** Reminded and overdue, asked for more, an officer who is not proven, then approved. */
async function kycThroughMoreInfo(env: TestWorkflowEnvironment): Promise<Begun> {
  let codeIsWrong = false;
  const prove = async (): Promise<void> => {
    if (codeIsWrong) throw new DomainError('OFFICER_NOT_PROVEN', 'Recorded on purpose.');
  };
  const { row, activities } = await createKycRow({ caseId, now: () => env.currentTimeMs(), prove });
  return {
    activities,
    async play(handle) {
      await untilShown(handle, 'review');
      await env.sleep('30h');
      await decide(handle, { ...approval, revision: revisionOf(1), outcome: 'more_info' });
      await untilShown(handle, 'more_info');
      Object.assign(row, { state: 'screening', submission: 2 });
      await handle.signal('changed');
      await untilShown(handle, 'review');
      codeIsWrong = true;
      await decide(handle, { ...approval, revision: revisionOf(2) }).catch(ignoreRefused);
      codeIsWrong = false;
      await decide(handle, { ...approval, revision: revisionOf(2) });
    },
  };
}

function ignoreRefused(error: unknown): void {
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
}

/** Confirmed, reminded and overdue, approved by two officers, held for a minute, sent and settled. */
async function withdrawalByTwoOfficers(env: TestWorkflowEnvironment): Promise<Begun> {
  const options = { id: withdrawalId, now: () => env.currentTimeMs(), needed: 2, heldFor: 1, pendingFor: 2 };
  const { row, activities } = await createWithdrawalRow(options);
  return {
    activities,
    async play(handle) {
      await untilShown(handle, 'AWAITING_CONFIRMATION');
      row.state = 'SCREENING';
      await handle.signal('changed');
      await untilShown(handle, 'REVIEW');
      await env.sleep('30h');
      await decide(handle, { ...approval, revision });
      await decide(handle, { ...approval, revision, officer: 'oscar@example.com' });
    },
  };
}

async function withdrawalNeverConfirmed(env: TestWorkflowEnvironment): Promise<Begun> {
  const { activities } = await createWithdrawalRow({ id: withdrawalId, now: () => env.currentTimeMs() });
  return { activities, play: nothingHappens };
}

const timerId = '01980000-0000-7000-8000-000000000005';

/** Renewed once, then set to an earlier time, and fired. */
async function cancelAllAfterRenewed(env: TestWorkflowEnvironment): Promise<Begun> {
  const { row, activities } = await createTimerRow(() => env.currentTimeMs(), 10);
  return {
    activities,
    async play(handle) {
      await env.sleep('5s');
      row.cancelAt = (await env.currentTimeMs()) + 600_000;
      await env.sleep('60s');
      row.cancelAt = (await env.currentTimeMs()) + 5_000;
      await handle.signal('changed');
    },
  };
}

const tradeId = '01980000-0000-7000-8000-000000000006';

/** Tried again too early, looked at again after a day, and taken back by two officers. */
function tradeTakenBack(env: TestWorkflowEnvironment): Begun {
  const { activities } = createTradeRow(tradeId);
  return {
    activities,
    async play(handle) {
      await untilShown(handle, 'REVIEW');
      await handle.executeUpdate('retry');
      await env.sleep('30h');
      const { officer, code, reason } = approval;
      for (const each of [officer, 'oscar@example.com']) {
        await handle.executeUpdate('bust', { args: [{ officer: each, code, reason, revision: tradeRevision }] });
      }
    },
  };
}

const breakCaseId = '01980000-0000-7000-8000-000000000007';

/** Closed too early, looked at again after a day, repaired, and closed by two officers. */
function breaksClosed(env: TestWorkflowEnvironment): Begun {
  const { row, activities } = createBreaksRow(breakCaseId);
  return {
    activities,
    async play(handle) {
      const { officer, code, reason } = approval;
      const close = (by: string): Promise<unknown> =>
        handle.executeUpdate('close', { args: [{ officer: by, code, reason, revision: breaksRevision }] });
      await untilShown(handle, 'BROKEN');
      await close(officer).catch(ignoreRefused);
      await env.sleep('30h');
      row.state = 'REVIEW';
      await handle.signal('changed');
      await untilShown(handle, 'REVIEW');
      for (const each of [officer, 'oscar@example.com']) await close(each);
    },
  };
}

const adjustmentId = '01980000-0000-7000-8000-000000000008';

/** Reminded and overdue, an officer who is not proven, then approved by two. */
async function adjustmentByTwoOfficers(env: TestWorkflowEnvironment): Promise<Begun> {
  let codeIsWrong = true;
  const prove = async (): Promise<void> => {
    if (codeIsWrong) throw new DomainError('OFFICER_NOT_PROVEN', 'Recorded on purpose.');
  };
  const { activities } = await createAdjustmentRow({ id: adjustmentId, now: () => env.currentTimeMs(), prove });
  return {
    activities,
    async play(handle) {
      const sent = { ...approval, revision: adjustmentRevision };
      await untilShown(handle, 'REVIEW');
      await env.sleep('30h');
      await decide(handle, sent).catch(ignoreRefused);
      codeIsWrong = false;
      for (const officer of [sent.officer, 'oscar@example.com']) await decide(handle, { ...sent, officer });
    },
  };
}

async function adjustmentNeverDecided(env: TestWorkflowEnvironment): Promise<Begun> {
  const { activities } = await createAdjustmentRow({ id: adjustmentId, now: () => env.currentTimeMs() });
  return { activities, play: nothingHappens };
}

const operations: OperationsActivities = {
  keepPartitions: async () => ({ made: 2, archived: 1, strays: 3 }),
  expireDayOrders: async () => 2,
  publishLiabilities: async () => ({ snapshotId: '01980000-0000-7000-8000-000000000007', assets: 3 }),
  wantFullCheck: async () => undefined,
};

const bySchedule = (name: string, workflow: string): Recording => ({
  name,
  workflow,
  input: 'of no matter',
  begin: () => ({ activities: operations, play: nothingHappens }),
});

export const recordings: readonly Recording[] = [
  {
    name: 'registration-verified',
    workflow: 'registration',
    input: userId,
    begin: verifiedAfterAnotherMail,
  },
  {
    name: 'registration-removed',
    workflow: 'registration',
    input: userId,
    begin: () => ({ activities: registrationIn({ now: 'waiting' }), play: nothingHappens }),
  },
  {
    name: 'deposit-credited',
    workflow: 'deposit',
    input: '01980000-0000-7000-8000-000000000002',
    begin() {
      const activities: DepositActivities = { creditDeposit: async () => 'credited' };
      return { activities, play: nothingHappens };
    },
  },
  {
    name: 'settlement-fault-and-hint',
    workflow: 'settlement',
    input: 'BTC/USDT',
    begin: settlementThroughFaultAndHint,
  },
  {
    name: 'settlement-tells-its-state',
    workflow: 'settlement',
    input: 'BTC/USDT',
    begin: settlementThroughFaultAndHint,
  },
  bySchedule('maintenance-strays-left', 'maintenance'),
  bySchedule('day-end', 'dayEnd'),
  bySchedule('liability-proof', 'liabilityProof'),
  { name: 'cancel-all-after-renewed', workflow: 'cancelAllAfter', input: timerId, begin: cancelAllAfterRenewed },
  { name: 'kyc-review-more-info', workflow: 'kycReview', input: caseId, begin: kycThroughMoreInfo },
  { name: 'withdrawal-two-officers', workflow: 'withdrawal', input: withdrawalId, begin: withdrawalByTwoOfficers },
  { name: 'settlement-exception-busted', workflow: 'settlementException', input: tradeId, begin: tradeTakenBack },
  bySchedule('reconciliation', 'reconciliation'),
  { name: 'reconciliation-break-closed', workflow: 'reconciliationBreak', input: breakCaseId, begin: breaksClosed },
  { name: 'adjustment-two-officers', workflow: 'adjustment', input: adjustmentId, begin: adjustmentByTwoOfficers },
  { name: 'adjustment-expired', workflow: 'adjustment', input: adjustmentId, begin: adjustmentNeverDecided },
  { name: 'withdrawal-expired', workflow: 'withdrawal', input: withdrawalId, begin: withdrawalNeverConfirmed },
];
