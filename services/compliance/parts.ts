import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Database } from '../../storage/db.ts';
import type { IdentityService } from '../identity/identity.ts';

export interface ComplianceDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly identity: Pick<IdentityService, 'accounts' | 'proveOfficer'>;
  /** Tells the relay that the outbox has something; called after commits, never awaited. */
  readonly kickOutbox: () => void;
  readonly rules: KycRules;
  /** Where officers are reminded. */
  readonly deskMail: string;
  /** Where the Temporal UI is, for links in those mails. */
  readonly uiUrl: string;
}

export interface KycRules {
  /** Risk scores below this are approved without an officer; 0 means never. */
  readonly autoApproveBelow: number;
  readonly reminderAfterMs: number;
  readonly escalateAfterMs: number;
}

/** Entries about one case are told in order. */
export const caseAggregate = (caseId: string): string => `kyc:${caseId}`;
