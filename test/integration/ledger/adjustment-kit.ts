import { randomUUID } from 'node:crypto';
import { Secret } from 'otpauth';
import type { Outcome } from '../../../domain/compliance/decision.ts';
import type { Caller, Role } from '../../../domain/identity/user.ts';
import { processId } from '../../../domain/processes.ts';
import type { Clock } from '../../../platform/clock.ts';
import { createBookCheck } from '../../../services/books.ts';
import type { IdentityService } from '../../../services/identity/identity.ts';
import { type AdjustmentRequest, createAdjustments } from '../../../services/ledger/adjustments.ts';
import type { Database } from '../../../storage/db.ts';
import type { Officer } from '../compliance/kit.ts';
import { goodPassword, newEmail, origin } from '../identity/kit.ts';
import { createPaymentsKit } from '../payments/kit.ts';

export const hour = 3_600_000;

interface Other {
  readonly updateId?: string;
  readonly revision?: string;
  readonly workflowId?: string;
}

/** Adjustments beside compliance and the ledger; `close` it at the end. */
export async function createAdjustmentKit() {
  const kit = await createPaymentsKit();
  const { db, now: clock, identity, rich } = kit;
  const { newId, kickOutbox, deskMail, uiUrl, assets } = kit.withdrawalDeps;
  const times = { approveWithinMs: 48 * hour, reminderAfterMs: 4 * hour, escalateAfterMs: 24 * hour };
  const adjustments = createAdjustments({ db, clock, newId, identity, assets, kickOutbox, times, deskMail, uiUrl });
  const bookCheck = createBookCheck({ db, clock });
  const staff = createStaffMaker(identity, clock);
  const { steps } = adjustments;
  return {
    ...kit,
    ...createReading(db),
    adjustments,
    staff,
    newId,
    /** One of a customer who has 100 USDT, asked for by an administrator unless `by` others. */
    async asked(other: Partial<AdjustmentRequest> = {}, by?: Caller) {
      const { userId } = await rich({ USDT: '100' });
      const { adjustmentId } = await adjustments.request(by ?? (await staff()), wanted(userId, other), origin);
      return { adjustmentId, userId };
    },
    async decideOn(adjustmentId: string, officer: Officer, outcome: Outcome = 'approve', other: Other = {}) {
      const { revision = (await steps.describe(adjustmentId))?.revision ?? '', updateId = randomUUID() } = other;
      const { workflowId = processId('adjustment', adjustmentId) } = other;
      const said = { officer: officer.email, code: await officer.code(), outcome, reason: 'the ticket says so' };
      const through = { workflowId, runId: randomUUID(), updateId };
      return adjustments.decide(adjustmentId, { ...said, revision, acceptedAt: clock() }, through);
    },
    stateOf: async (adjustmentId: string) => (await steps.describe(adjustmentId))?.state,
    breaks: async () => (await bookCheck()).breaks,
  };
}

export const wanted = (userId: string, other: Partial<AdjustmentRequest> = {}): AdjustmentRequest => ({
  clientAdjustmentId: randomUUID(),
  userId,
  asset: 'USDT',
  amount: '5',
  direction: 'CREDIT',
  reason: 'a deposit was credited to somebody else',
  reference: 'ticket 77',
  ...other,
});

/** Makes people of the staff, signed in with a factor shown just now. */
const createStaffMaker =
  ({ staff, accounts }: IdentityService, clock: Clock) =>
  async (role: Exclude<Role, 'user'> = 'admin'): Promise<Caller & Officer> => {
    const email = newEmail();
    const totpSecret = new Secret({ size: 20 }).base32;
    await staff.seed([{ email, password: goodPassword, role, totpSecret }]);
    const { userId } = await accounts.getByEmail(email);
    const caller = { userId, sessionId: randomUUID(), role, kycStatus: 'pending', lastFactorAt: clock() } as const;
    return { ...caller, officerId: userId, email, code: () => staff.currentCode(email) };
  };

/** What adjustments leave behind. */
const createReading = (db: Database) => ({
  /** What the house holds in suspense, of USDT. */
  async suspense(): Promise<number> {
    const text = `SELECT balance FROM ledger.accounts WHERE kind = 'suspense' AND asset = 'USDT'`;
    return Number((await db.oneOrNone<{ balance: string }>(text))?.balance ?? 0);
  },
  posted: async (adjustmentId: string) =>
    db.manyOrNone<{ transfer_id: string; kind: string; reason: string; amount: string }>(
      `SELECT transfer_id, kind, reason, trim_scale(amount)::text AS amount
         FROM ledger.transfers WHERE journal_id = $1`,
      [adjustmentId],
    ),
  /** The types of the events and workflows that one has told of. */
  async told(adjustmentId: string): Promise<readonly string[]> {
    const rows = await db.manyOrNone<{ what: string }>(
      `SELECT coalesce(payload #>> '{event,type}', kind) AS what FROM outbox.entries
        WHERE payload::text LIKE $1 OR aggregate = $2 ORDER BY seq`,
      [`%${adjustmentId}%`, `adjustment:${adjustmentId}`],
    );
    return rows.map(({ what }) => what);
  },
  async audited(adjustmentId: string): Promise<readonly string[]> {
    const rows = await db.manyOrNone<{ line: string }>(
      `SELECT actor || ' ' || action AS line FROM audit.audit_logs WHERE resource_id = $1 ORDER BY id`,
      [adjustmentId],
    );
    return rows.map(({ line }) => line);
  },
});
