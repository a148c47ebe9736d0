import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Db } from '../../storage/db.ts';
import { showFactor } from '../../storage/identity/sessions.ts';
import { forgetFailures } from '../../storage/identity/sign-in.ts';
import { confirmTotpSecret, findTotpSecret, putTotpSecret, spendTotpStep } from '../../storage/identity/totp.ts';
import { findUser } from '../../storage/identity/users.ts';
import { countTry } from './attempts.ts';
import { encodeTotpSecret, newTotpSecret, totpStep, totpUri } from './one-time-codes.ts';
import type { IdentityParts } from './parts.ts';

/** What the user's authenticator needs. Shown once; secret. */
export interface Enrolment {
  /** Base32, for typing. */
  readonly secret: string;
  /** For a QR code. */
  readonly uri: string;
}

export interface SecondFactorService {
  /** Begins to set up an authenticator; it counts once a code of it was shown. Throws SECOND_FACTOR_EXISTS. */
  enrol(caller: Caller): Promise<Enrolment>;
  /** Shows the first code of a new authenticator. Throws INVALID_CREDENTIALS, CODE_USED, TOO_MANY_ATTEMPTS. */
  confirm(caller: Caller, code: string, origin: Origin): Promise<void>;
  /** Shows a code within a session, which then counts as stepped up. Throws as `confirm`, or SECOND_FACTOR_REQUIRED. */
  stepUp(caller: Caller, code: string, origin: Origin): Promise<void>;
}

export function createSecondFactor(parts: IdentityParts): SecondFactorService {
  const { db, clock, newId, secretBox, sessions, record, kickOutbox } = parts;

  /** Shows a code of the caller's authenticator, and does what that allows in the transaction that spends it. */
  async function show(
    { userId, sessionId }: Caller,
    shown: { readonly code: string; readonly confirmed: boolean; readonly action: string; readonly origin: Origin },
    also: (tx: Db, sealed: Buffer, at: Date) => Promise<void>,
  ): Promise<void> {
    const { code, confirmed, action, origin } = shown;
    const found = await findTotpSecret(db, userId);
    if (found === undefined || (confirmed && !found.confirmed)) throw notEnrolled();
    if (found.confirmed && !confirmed) throw alreadyEnrolled();
    const tried = await countTry(db, clock, factorSubject(userId));
    const at = clock();
    const what = { userId, action, resource: 'session', resourceId: sessionId, origin, at };
    const step = totpStep(secretBox.open(found.secret, userId), code, at);
    if (step === undefined) {
      await record(db, { ...what, result: 'refused' });
      throw new DomainError('INVALID_CREDENTIALS', 'The code is wrong. Send the current one.');
    }
    await db.tx('show-factor', async (tx) => {
      await spendCode(tx, { userId, step, binding: `${action} ${newId()}`, at });
      await also(tx, found.secret, at);
      if (!(await showFactor(tx, sessionId, at))) throw new DomainError('UNAUTHENTICATED', 'This session has ended.');
      await forgetFailures(tx, tried.key);
      await record(tx, what);
    });
    sessions.evict(sessionId);
    kickOutbox();
  }

  return {
    async enrol({ userId }) {
      const user = await findUser(db, userId);
      if (user === undefined) throw new DomainError('NOT_FOUND', 'There is no such user.');
      const secret = newTotpSecret();
      const stored = await putTotpSecret(db, { userId, secret: secretBox.seal(secret, userId), at: clock() });
      if (!stored) throw alreadyEnrolled();
      return { secret: encodeTotpSecret(secret), uri: totpUri(secret, user.email) };
    },
    confirm: (caller, code, origin) =>
      show(caller, { code, confirmed: false, action: 'factor.confirm', origin }, async (tx, sealed, at) => {
        if (!(await confirmTotpSecret(tx, caller.userId, sealed, at))) throw alreadyEnrolled();
      }),
    stepUp: (caller, code, origin) =>
      show(caller, { code, confirmed: true, action: 'factor.step_up', origin }, async () => undefined),
  };
}

/** Under what name guesses at a user's codes are counted. */
export const factorSubject = (userId: string): string => `factor ${userId}`;

/**
 * Spends a code on one purpose, named by `binding`. False when the same purpose spent it before: the caller then gives
 * its first answer. Throws CODE_USED when it was spent on anything else.
 */
export async function spendCode(
  tx: Db,
  use: { readonly userId: string; readonly step: number; readonly binding: string; readonly at: Date },
): Promise<boolean> {
  const spent = await spendTotpStep(tx, use);
  if (spent.binding !== use.binding) {
    throw new DomainError('CODE_USED', 'This code was used already. Wait for the next one.');
  }
  return spent.fresh;
}

const alreadyEnrolled = (): DomainError =>
  new DomainError('SECOND_FACTOR_EXISTS', 'An authenticator is set up already. Remove it first.');

const notEnrolled = (): DomainError =>
  new DomainError('SECOND_FACTOR_REQUIRED', 'Set up an authenticator first, and confirm it with a code.');
