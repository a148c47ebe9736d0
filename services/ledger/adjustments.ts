import { DomainError, invariant } from '../../domain/errors.ts';
import { requireFreshFactor } from '../../domain/identity/totp.ts';
import { type Caller, isStaff } from '../../domain/identity/user.ts';
import type { AdjustmentView } from '../../domain/ledger/adjustment.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId, processStart } from '../../domain/processes.ts';
import type { Mail } from '../../gateways/mail/mail.ts';
import { timeOfId } from '../../platform/ids.ts';
import { listDecisions } from '../../storage/compliance/decisions.ts';
import type { Db } from '../../storage/db.ts';
import {
  addAdjustment,
  type Adjustment,
  type AdjustmentsPage,
  findAdjustment,
  findAdjustmentByClientId,
  listAdjustments,
  listOpenAdjustments,
  lockAdjustment,
  type NewAdjustment,
} from '../../storage/ledger/adjustments.ts';
import { deskLetter } from '../compliance/letters.ts';
import { createRecorder } from '../identity/records.ts';
import type { FindUnfinished } from '../outbox/ports.ts';
import { createDecideAdjustment, type DecideAdjustment, endLocked, notFound } from './adjustment-decide.ts';
import { adjustedFacts, adjustmentAggregate, type AdjustmentDeps, adjustmentView } from './adjustment-parts.ts';

export type { Adjustment, AdjustmentsPage };

export type AdjustmentRequest = Omit<NewAdjustment, 'adjustmentId' | 'requestedBy'>;

/** Corrections of the books: the staff asks for them, and two officers who did not ask decide. */
export interface Adjustments {
  /**
   * Asks for one and starts its workflow; nothing moves. The same client id of the same person with the same content
   * gets the first answer. Throws FORBIDDEN for others than staff, SECOND_FACTOR_REQUIRED, INVALID_REQUEST, NOT_FOUND
   * for an unknown user, ADJUSTMENT_NOT_POSSIBLE for one who is no customer, IDEMPOTENCY_CONFLICT.
   */
  request(by: Caller, request: AdjustmentRequest, origin: Origin): Promise<Adjustment>;
  /** Throws ADJUSTMENT_NOT_FOUND. */
  get(adjustmentId: string): Promise<Adjustment>;
  /** Newest first. */
  list(page: AdjustmentsPage): Promise<readonly Adjustment[]>;
  /** For officers' updates. */
  readonly decide: DecideAdjustment;
  /** For the workflow. */
  readonly steps: AdjustmentSteps;
}

/** What the workflow of an adjustment does; every step looks at the row and may be repeated. */
export interface AdjustmentSteps {
  /** The adjustment as the desk sees it; undefined when there is none. */
  describe(adjustmentId: string): Promise<AdjustmentView | undefined>;
  /** Ends it when the officers' time is over; else does nothing. */
  expire(adjustmentId: string): Promise<void>;
  /** The mail to the desk about one that still waits. */
  deskMail(adjustmentId: string, kind: 'reminder' | 'overdue'): Promise<Mail | undefined>;
  readonly findUnfinished: FindUnfinished;
}

export function createAdjustments(deps: AdjustmentDeps): Adjustments {
  const { db, clock, newId, identity, assets, kickOutbox } = deps;
  const record = createRecorder({ newId });

  async function checkCustomer(userId: string): Promise<void> {
    const { role, verifiedAt } = await identity.accounts.get(userId);
    if (role === 'user' && verifiedAt !== undefined) return;
    throw new DomainError(
      'ADJUSTMENT_NOT_POSSIBLE',
      'Only customers have balances: nobody else is credited or debited.',
    );
  }

  async function place(tx: Db, wanted: NewAdjustment, origin: Origin): Promise<Adjustment> {
    const { adjustmentId, requestedBy, reason, reference } = wanted;
    const at = timeOfId(adjustmentId);
    const added = await addAdjustment(tx, wanted, at);
    if (added === undefined) return sameAgain(await findAdjustmentByClientId(tx, wanted), wanted);
    const details = { ...adjustedFacts(added), reason, reference };
    const what = { action: 'adjustment.request', resource: 'adjustment', resourceId: adjustmentId, details };
    const aggregate = adjustmentAggregate(adjustmentId);
    await record(tx, { ...what, userId: requestedBy, origin, at }, [
      { aggregate, kind: 'start', ...processStart('adjustment', adjustmentId) },
    ]);
    return added;
  }

  return {
    async request(by, { amount: given, ...request }, origin) {
      if (!isStaff(by.role)) throw new DomainError('FORBIDDEN', 'Only the staff asks for adjustments.');
      const amount = await assets.normalise(request.asset, given);
      const content = { ...request, amount, requestedBy: by.userId };
      const before = await findAdjustmentByClientId(db, content);
      if (before !== undefined) return sameAgain(before, content);
      requireFreshFactor(by, clock());
      await checkCustomer(request.userId);
      const wanted = { ...content, adjustmentId: newId() };
      const placed = await db.tx('request-adjustment', (tx) => place(tx, wanted, origin));
      kickOutbox();
      return placed;
    },
    async get(adjustmentId) {
      const found = await findAdjustment(db, adjustmentId);
      if (found === undefined) throw notFound();
      return found;
    },
    list: (page) => listAdjustments(db, page),
    decide: createDecideAdjustment(deps),
    steps: createSteps(deps),
  };
}

function createSteps({ db, clock, newId, times, deskMail, uiUrl }: AdjustmentDeps): AdjustmentSteps {
  return {
    async describe(adjustmentId) {
      const found = await findAdjustment(db, adjustmentId);
      const of = { subject: 'adjustment', subjectId: adjustmentId } as const;
      return found && adjustmentView(found, await listDecisions(db, of), times);
    },
    async expire(adjustmentId) {
      await db.tx('expire-adjustment', async (tx) => {
        const found = await lockAdjustment(tx, adjustmentId);
        const at = clock();
        if (found?.state !== 'REVIEW' || at.getTime() - found.createdAt.getTime() < times.approveWithinMs) return;
        const by = { actor: 'system', origin: { traceId: adjustmentId.replaceAll('-', '') }, at } as const;
        await endLocked(newId, tx, found, { to: 'EXPIRED', why: 'nobody approved it in time', by });
      });
    },
    async deskMail(adjustmentId, kind) {
      const found = await findAdjustment(db, adjustmentId);
      if (found?.state !== 'REVIEW') return undefined;
      const letter = deskLetter(kind, processId('adjustment', adjustmentId), uiUrl);
      return { ...letter, to: deskMail, messageId: `adjustment.${adjustmentId}.${kind}` };
    },
    async findUnfinished(page) {
      return (await listOpenAdjustments(db, page)).map((id) => processStart('adjustment', id));
    },
  };
}

type Content = Omit<NewAdjustment, 'adjustmentId'>;

const contentOf = ({ userId, asset, amount, direction, reason, reference }: Content): string =>
  JSON.stringify([userId, asset, amount, direction, reason, reference]);

function sameAgain(before: Adjustment | undefined, wanted: Content): Adjustment {
  invariant(before !== undefined, 'a known client id has its row');
  if (contentOf(before) === contentOf(wanted)) return before;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This client_adjustment_id was used for another adjustment.');
}
