import type { Decision } from '../../domain/compliance/decision.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Db } from '../../storage/db.ts';
import type { IdentityService } from '../identity/identity.ts';
import type { ProvenDecision } from './decisions.ts';

/** The update a decision came by: told by the server, not by who sent it. */
export interface Through {
  readonly workflowId: string;
  readonly runId: string;
  readonly updateId: string;
}

/** A decision as an update brings it; `acceptedAt` is the workflow's clock when it was accepted. */
export type SentDecision = Decision & { readonly acceptedAt: Date };

/** What an officer is told when her decision is counted. */
export interface Recorded {
  readonly recorded: true;
  readonly message: string;
}

interface Deps {
  readonly clock: Clock;
  readonly identity: Pick<IdentityService, 'proveOfficer'>;
}

interface Sent {
  /** What the update does: an officer's code stands for it, once. */
  readonly verb: string;
  readonly sent: SentDecision;
  readonly through: Through;
}

/**
 * Has the officer decide whose code this is: the code and what `decide` does are one transaction. Throws what
 * `proveOfficer` and `decide` throw.
 */
export function decideByCode<T>(
  { clock, identity }: Deps,
  { verb, sent, through }: Sent,
  decide: (tx: Db, decision: ProvenDecision, origin: Origin) => Promise<T>,
): Promise<T> {
  const { officer, code, acceptedAt, outcome, revision, reason } = sent;
  const { workflowId, runId, updateId } = through;
  const binding = `${workflowId} ${updateId} ${verb} ${revision}`;
  const via = { proof: 'totp', binding, runId, updateId, at: clock() } as const;
  const origin = { traceId: runId.replaceAll('-', '') };
  return identity.proveOfficer({ officer, code, acceptedAt, binding }, origin, (tx, { officerId }) =>
    decide(tx, { ...via, officerId, outcome, revision, reason }, origin),
  );
}
