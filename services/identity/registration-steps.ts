import { processStart } from '../../domain/processes.ts';
import type { Mail } from '../../gateways/mail/mail.ts';
import { addEmailToken } from '../../storage/identity/email-tokens.ts';
import { deleteAttempts, findAttempt, findUser, listAttempts } from '../../storage/identity/users.ts';
import type { FindUnfinished } from '../outbox/ports.ts';
import { alreadyRegisteredLetter, reminderLetter, verificationLetter } from './mails.ts';
import { newOpaqueToken, sha256 } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';

/** An attempt waits for its click, became the account, or is gone: removed, or void because a rival was clicked. */
export type RegistrationState = 'waiting' | 'verified' | 'gone';

/** What the registration workflow does, one step each; every step may be repeated. */
export interface RegistrationSteps {
  registrationState(userId: string): Promise<RegistrationState>;
  /**
   * The mail of an attempt, with a fresh link: to verify, or “you already have an account”, to the account's address.
   * Undefined when the attempt waits no more: then nothing is sent.
   */
  mailForRegistration(userId: string): Promise<Mail | undefined>;
  /** The reminder of an attempt that still waits for a free address, with a fresh link. */
  reminderFor(userId: string): Promise<Mail | undefined>;
  /** Removes an attempt unless it was verified meanwhile; answers what is true then. */
  removeIfUnverified(userId: string): Promise<Exclude<RegistrationState, 'waiting'>>;
  /** The registrations whose workflow must be running. */
  readonly findWaiting: FindUnfinished;
}

const hour = 3_600_000;
const firstLinkHours = 72;
const reminderLinkHours = 48;

export function createRegistrationSteps({ db, clock, publicUrl }: IdentityParts): RegistrationSteps {
  async function newLink(userId: string, hours: number): Promise<string | undefined> {
    const token = newOpaqueToken();
    const at = clock();
    const expiresAt = new Date(at.getTime() + hours * hour);
    const entry = { tokenHash: sha256(token), userId, purpose: 'verify', expiresAt, createdAt: at } as const;
    return (await addEmailToken(db, entry)) ? token : undefined;
  }

  async function registrationState(userId: string): Promise<RegistrationState> {
    const user = await findUser(db, userId);
    if (user === undefined) return 'gone';
    return user.verifiedAt === undefined ? 'waiting' : 'verified';
  }

  return {
    registrationState,
    async mailForRegistration(userId) {
      const attempt = await findAttempt(db, userId);
      if (attempt === undefined) return undefined;
      const messageId = `registration.${userId}.${attempt.requestedAt.getTime()}`;
      if (attempt.accountEmail !== undefined)
        return { ...alreadyRegisteredLetter(), to: attempt.accountEmail, messageId };
      const token = await newLink(userId, firstLinkHours);
      if (token === undefined) return undefined;
      return { ...verificationLetter(publicUrl, token, firstLinkHours), to: attempt.email, messageId };
    },
    async reminderFor(userId) {
      const attempt = await findAttempt(db, userId);
      if (attempt === undefined || attempt.accountEmail !== undefined) return undefined;
      const token = await newLink(userId, reminderLinkHours);
      if (token === undefined) return undefined;
      const messageId = `reminder.${userId}`;
      return { ...reminderLetter(publicUrl, token, reminderLinkHours), to: attempt.email, messageId };
    },
    async findWaiting(page) {
      return (await listAttempts(db, page)).map((userId) => processStart('registration', userId));
    },
    async removeIfUnverified(userId) {
      await deleteAttempts(db, [userId]);
      // Nothing waits any more: what is still there was verified.
      return (await registrationState(userId)) === 'gone' ? 'gone' : 'verified';
    },
  };
}
