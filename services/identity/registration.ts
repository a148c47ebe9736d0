import { DomainError, invariant } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import { nameFault } from '../../domain/identity/name.ts';
import { passwordFault } from '../../domain/identity/password.ts';
import type { User } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId, processStart } from '../../domain/processes.ts';
import { timeOfId } from '../../platform/ids.ts';
import type { Db } from '../../storage/db.ts';
import { findEmailToken } from '../../storage/identity/email-tokens.ts';
import {
  deleteAttempts,
  findUser,
  insertUser,
  lockAttempts,
  requestVerification,
  verifyUser,
} from '../../storage/identity/users.ts';
import { addToOutbox, type OutboxEntry } from '../../storage/outbox/outbox.ts';
import { refuseFaults } from './faults.ts';
import { sha256 } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';
import { commonPasswords } from './passwords.ts';
import { userAggregate, type UserEvent } from './records.ts';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
}

export interface RegistrationService {
  /**
   * Makes a registration attempt and starts its workflow, which sends the mail. Free and taken addresses get the same
   * answer after the same work. Throws INVALID_REQUEST with every fault of address and password.
   */
  register(registration: Registration, origin: Origin): Promise<User>;
  /**
   * Makes the attempt whose link was clicked the account; the other attempts of its address end. A second click
   * answers the same. Throws INVALID_TOKEN.
   */
  verifyEmail(token: string, origin: Origin): Promise<User>;
  /** Asks for the mail of a waiting attempt again, at most every 5 minutes. Never tells whether there is one. */
  resendVerification(email: string): Promise<void>;
}

const resendPauseMs = 5 * 60_000;

export function createRegistration(parts: IdentityParts): RegistrationService {
  const { db, clock, newId, passwords, record, kickOutbox, onVerified } = parts;

  async function verify(tx: Db, token: string, origin: Origin, at: Date): Promise<User> {
    const userId = await findEmailToken(tx, { tokenHash: sha256(token), purpose: 'verify', at });
    if (userId === undefined) throw linkNotValid();
    const attempts = await lockAttempts(tx, userId);
    const user = await verifyUser(tx, userId, at);
    if (user === undefined) return verifiedBefore(tx, userId);
    await deleteAttempts(tx, attempts);
    const event = { userId, type: 'user.email.verified', payload: { email: user.email } };
    await record(
      tx,
      { userId, action: 'user.verify_email', resource: 'user', resourceId: userId, event, origin, at },
      attempts.map((attempt) => signalRegistration(attempt, 'verified')),
    );
    for (const alsoMake of onVerified) await alsoMake(tx, { userId, origin, at });
    return user;
  }

  return {
    async register(registration, origin) {
      const emailNormalised = checkRegistration(registration);
      const { email, password, firstName, lastName } = registration;
      const passwordHash = await passwords.hash(password);
      const userId = newId();
      const at = timeOfId(userId);
      const attempt = { userId, email: email.trim(), firstName, lastName, role: 'user', createdAt: at } as const;
      const user = await db.tx('register', async (tx) => {
        const added = await insertUser(tx, { ...attempt, emailNormalised, passwordHash });
        invariant(added !== undefined, 'an attempt never meets the account of its address');
        await record(
          tx,
          {
            userId,
            action: 'user.register',
            resource: 'user',
            resourceId: userId,
            event: registered(added),
            origin,
            at,
          },
          [{ aggregate: userAggregate(userId), kind: 'start', ...processStart('registration', userId) }],
        );
        return added;
      });
      kickOutbox();
      return user;
    },
    async verifyEmail(token, origin) {
      const user = await db.tx('verify-email', (tx) => verify(tx, token, origin, clock()));
      kickOutbox();
      return user;
    },
    async resendVerification(email) {
      const emailNormalised = normaliseEmail(email);
      if (emailNormalised !== undefined) await requestMail(parts, emailNormalised);
    },
  };
}

/** Has the workflow of the newest attempt at an address send its mail again, unless it did lately. */
export async function requestMail({ db, clock, kickOutbox }: IdentityParts, emailNormalised: string): Promise<void> {
  const at = clock();
  const notAfter = new Date(at.getTime() - resendPauseMs);
  await db.tx('request-mail', async (tx) => {
    const userId = await requestVerification(tx, { emailNormalised, at, notAfter });
    if (userId !== undefined) await addToOutbox(tx, [signalRegistration(userId, 'mailRequested')], at);
  });
  kickOutbox();
}

/** The normalised address. Throws INVALID_REQUEST that lists every fault. */
function checkRegistration({ email, password, firstName = '', lastName = '' }: Registration): string {
  const normalised = normaliseEmail(email);
  refuseFaults({
    '/email': normalised === undefined ? 'Give an e-mail address, such as "alice@example.com".' : undefined,
    '/password': passwordFault(password, normalised ?? '', commonPasswords),
    '/first_name': nameFault(firstName),
    '/last_name': nameFault(lastName),
  });
  invariant(normalised !== undefined, 'an address without a fault is normalised');
  return normalised;
}

async function verifiedBefore(tx: Db, userId: string): Promise<User> {
  const user = await findUser(tx, userId);
  if (user?.verifiedAt === undefined) throw linkNotValid();
  return user;
}

const linkNotValid = (): DomainError =>
  new DomainError('INVALID_TOKEN', 'This link is not valid any more. Register again, or ask for a new mail.');

const registered = ({ userId, email, firstName, lastName, role }: User): UserEvent => ({
  userId,
  type: 'user.registered',
  payload: { email, first_name: firstName ?? null, last_name: lastName ?? null, role },
});

const signalRegistration = (userId: string, signal: 'verified' | 'mailRequested'): OutboxEntry => ({
  aggregate: userAggregate(userId),
  kind: 'signal',
  workflowId: processId('registration', userId),
  signal,
});
