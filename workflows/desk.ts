import {
  ActivityFailure,
  ApplicationFailure,
  currentUpdateInfo,
  proxyActivities,
  setHandler,
  type QueryDefinition,
} from '@temporalio/workflow';
import type { DecisionToProve, OfficerActivities } from '../activities/officers.ts';
import {
  checkDecision,
  parseDecision,
  type CountedDecision,
  type Decision,
  type Desk as CaseOnDesk,
  type Outcome,
} from '../domain/compliance/decision.ts';
import { decideDescription } from '../domain/compliance/desk.ts';
import { DomainError, invariant } from '../domain/errors.ts';
import { processes } from '../domain/processes.ts';
import { decideUpdate, type Recorded } from '../temporal/names/decide.ts';
import { changedSignal } from '../temporal/names/signals.ts';

const { proveOfficer } = proxyActivities<OfficerActivities>({
  taskQueue: processes.kycReview.queue,
  startToCloseTimeout: '5s',
  // An officer waits for the answer, and her code is good for a minute.
  scheduleToCloseTimeout: '8s',
});

/** What every case has that officers decide. */
interface Decidable {
  readonly state: string;
  readonly revision: string;
  readonly decisions: readonly CountedDecision[];
}

/** A case as officers meet it in Temporal. */
export interface Desk<View extends Decidable> {
  /** What is true as far as the workflow knows; officers see and decide on this. */
  view: View | null;
  /** Something was committed since the workflow last looked. */
  changed: boolean;
  /** What somebody was told about already. */
  readonly told: Set<string>;
  /** Tells somebody, once; that nobody could be reached does not hold up the case. */
  once(key: string, send: (id: string) => Promise<unknown>): Promise<void>;
}

/** How officers say what they decide. */
export interface Door {
  readonly update: typeof decideUpdate;
  /** Reads what was sent; throws INVALID_DECISION. */
  readonly parse: (sent: unknown) => Decision;
  readonly description: string;
}

/** The update `decide` with these outcomes. */
export const decideWith = (outcomes: readonly Outcome[]): Door => ({
  update: decideUpdate,
  parse: (sent) => parseDecision(sent, outcomes),
  description: decideDescription(outcomes),
});

/**
 * Opens a workflow to officers: the signal that something changed, the query that describes the case, and the update
 * they decide by. Call it before anything is awaited.
 */
export function openDesk<View extends Decidable>(
  about: DecisionToProve['about'],
  id: string,
  describe: QueryDefinition<View | null>,
  { update, parse, description }: Door,
): Desk<View> {
  const desk: Desk<View> = {
    view: null,
    changed: false,
    told: new Set(),
    async once(key, send) {
      if (desk.told.has(key)) return;
      desk.told.add(key);
      try {
        await send(id);
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
      }
    },
  };
  setHandler(changedSignal, () => void (desk.changed = true), { description: 'Something was committed: look again.' });
  setHandler(describe, () => desk.view, { description: 'What the current details show, as data' });
  setHandler(
    update,
    async (sent) => {
      try {
        return await decide(about, id, parse(sent));
      } finally {
        // Also after a failure: it may have been committed although nobody said so in time.
        desk.changed = true;
      }
    },
    {
      validator: (sent) => checkDecision(onDesk(desk.view), parse(sent)),
      description,
    },
  );
  return desk;
}

/**
 * Has an officer's decision proven and counted. A refusal is passed on; anything else means that the decision may not
 * have been recorded, and she is told to send it again: that does no harm.
 */
async function decide(about: DecisionToProve['about'], id: string, decision: Decision): Promise<Recorded> {
  const update = currentUpdateInfo();
  invariant(update !== undefined, 'a decision comes by an update');
  try {
    return await proveOfficer({
      ...decision,
      about,
      id,
      acceptedAt: new Date(Date.now()).toISOString(),
      updateId: update.id,
    });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const refused = error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true;
    if (refused) throw error;
    throw new DomainError('OFFICER_NOT_PROVEN', 'Not recorded, send again with a fresh code.');
  }
}

function onDesk(view: Decidable | null): CaseOnDesk {
  const state = view?.state.toLowerCase() ?? 'being loaded';
  const revision = view?.revision ?? '';
  const counted = view?.decisions.filter((decision) => decision.revision === revision) ?? [];
  return { open: state === 'review', state, revision, counted };
}
