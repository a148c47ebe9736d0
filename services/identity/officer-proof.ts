import { DomainError, hasCode } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import { oldestProofMs } from '../../domain/identity/totp.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Db } from '../../storage/db.ts';
import { forgetFailures } from '../../storage/identity/sign-in.ts';
import { findOfficer } from '../../storage/identity/totp.ts';
import { countTry, takeBack } from './attempts.ts';
import { totpStep } from './one-time-codes.ts';
import type { IdentityParts } from './parts.ts';
import { factorSubject, spendCode } from './second-factor.ts';

/** What an officer sends to prove who decides. */
export interface Proof {
  /** Her user id or e-mail address. */
  readonly officer: string;
  /** Her authenticator's current code. */
  readonly code: string;
  /** When the decision was accepted, on the workflow's clock. */
  readonly acceptedAt: Date;
  /** Names the one decision this code is for: workflow id, update id, outcome, revision. */
  readonly binding: string;
}

export interface ProvenOfficer {
  readonly officerId: string;
  /** False when this very decision was proven before: the caller gives its first answer. */
  readonly fresh: boolean;
}

export interface OfficerProofService {
  /**
   * Proves a compliance officer by her code and runs `decide` in the transaction that spends it: both or neither.
   * Throws OFFICER_NOT_PROVEN for an unknown officer, a wrong code, or one accepted more than 60 s ago; CODE_USED when
   * the code stood for another decision; TOO_MANY_ATTEMPTS after 10 failures in a row; and what `decide` throws.
   */
  proveOfficer<T>(proof: Proof, origin: Origin, decide: (tx: Db, proven: ProvenOfficer) => Promise<T>): Promise<T>;
}

export function createOfficerProof(parts: IdentityParts): OfficerProofService {
  const { db, clock, secretBox, record, kickOutbox } = parts;

  return {
    async proveOfficer(proof, origin, decide) {
      const at = clock();
      if (Math.abs(at.getTime() - proof.acceptedAt.getTime()) > oldestProofMs) throw notProven();
      const named = normaliseEmail(proof.officer) ?? proof.officer.toLowerCase();
      // A name that no address and no id has, whatever was typed, still costs a counted try.
      const officer = await findOfficer(db, /^[\x20-\x7e]+$/.test(named) ? named : '');
      const tried = await countTry(db, clock, factorSubject(officer?.userId ?? named));
      const step = officer && totpStep(secretBox.open(officer.secret, officer.userId), proof.code, proof.acceptedAt);
      if (officer === undefined || step === undefined) {
        const refused = { action: 'officer.prove', resource: 'decision', resourceId: proof.binding, result: 'refused' };
        await record(db, { ...refused, actor: 'officer', result: 'refused', userId: officer?.userId, origin, at });
        throw notProven();
      }
      const use = { userId: officer.userId, step, binding: proof.binding, at };
      const decided = db.tx('prove-officer', async (tx) => {
        const fresh = await spendCode(tx, use);
        const answered = await decide(tx, { officerId: officer.userId, fresh });
        await forgetFailures(tx, tried.key);
        return answered;
      });
      const answer = await decided.catch(async (error: unknown) => {
        // A right code for a decision that is not possible is no failed guess; a code used elsewhere is.
        if (!hasCode(error, 'CODE_USED')) await takeBack(db, clock, tried);
        throw error;
      });
      kickOutbox();
      return answer;
    },
  };
}

const notProven = (): DomainError =>
  new DomainError('OFFICER_NOT_PROVEN', 'Not recorded: officer or code is wrong. Send it again with a fresh code.');
