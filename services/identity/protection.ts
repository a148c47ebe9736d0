import { DomainError } from '../../domain/errors.ts';
import { normalisePassword, passwordFault } from '../../domain/identity/password.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Mail } from '../../gateways/mail/mail.ts';
import { addEmailToken, findEmailToken } from '../../storage/identity/email-tokens.ts';
import { findTheft } from '../../storage/identity/sessions.ts';
import { forgetFailures } from '../../storage/identity/sign-in.ts';
import { findPassword, freezeUser, replacePasswordHash } from '../../storage/identity/users.ts';
import { countTry, takeBack } from './attempts.ts';
import { refuseFaults } from './faults.ts';
import { theftLetter } from './mails.ts';
import { newOpaqueToken, sha256 } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';
import { commonPasswords } from './passwords.ts';
import { endSessions } from './sessions.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** What an owner does when she fears for her account. */
export interface ProtectionService {
  /**
   * Changes the password and ends all other sessions. Throws INVALID_CREDENTIALS for a wrong current password,
   * INVALID_REQUEST for a weak new one, TOO_MANY_ATTEMPTS.
   */
  changePassword(caller: Caller, change: PasswordChange, origin: Origin): Promise<void>;
  /** The warning after a session ended by theft, with a link that freezes the account; undefined when none did. */
  mailForTheft(sessionId: string): Promise<Mail | undefined>;
  /** Freezes the account the link was sent for: its sessions end and nobody signs in. Throws INVALID_TOKEN. */
  freeze(token: string, origin: Origin): Promise<void>;
}

const freezeLinkMs = 7 * 86_400_000;

export function createProtection(parts: IdentityParts): ProtectionService {
  const { db, clock, passwords, record, kickOutbox, publicUrl } = parts;

  return {
    async changePassword({ userId, sessionId }, { currentPassword, newPassword }, origin) {
      const found = await findPassword(db, userId);
      if (found === undefined) throw new DomainError('NOT_FOUND', 'There is no such user.');
      refuseFaults({ '/new_password': passwordFault(newPassword, found.emailNormalised, commonPasswords) });
      const tried = await countTry(db, clock, `password ${userId}`);
      const matches = await passwords.verify(found.passwordHash, currentPassword).catch(async (error: unknown) => {
        await takeBack(db, clock, tried);
        throw error;
      });
      const at = clock();
      const what = { userId, action: 'user.change_password', resource: 'user', resourceId: userId, origin, at };
      if (!matches) {
        await record(db, { ...what, result: 'refused' });
        throw wrongPassword();
      }
      const newHash = await passwords.hash(normalisePassword(newPassword));
      await db.tx('change-password', async (tx) => {
        const replaced = await replacePasswordHash(tx, { userId, oldHash: found.passwordHash, newHash, at });
        if (!replaced) throw wrongPassword();
        await forgetFailures(tx, tried.key);
        await record(tx, {
          ...what,
          event: { userId, type: 'user.password.changed', payload: { email: found.email } },
        });
        await endSessions(parts, tx, { userId, exceptId: sessionId, why: 'password_changed', origin, at });
      });
      kickOutbox();
    },
    async mailForTheft(sessionId) {
      const owner = await findTheft(db, sessionId);
      if (owner === undefined) return undefined;
      const token = newOpaqueToken();
      const at = clock();
      const expiresAt = new Date(at.getTime() + freezeLinkMs);
      const { userId, email } = owner;
      await addEmailToken(db, { tokenHash: sha256(token), userId, purpose: 'freeze', expiresAt, createdAt: at });
      return { ...theftLetter(publicUrl, token), to: email, messageId: `theft.${sessionId}` };
    },
    async freeze(token, origin) {
      const at = clock();
      await db.tx('freeze', async (tx) => {
        const userId = await findEmailToken(tx, { tokenHash: sha256(token), purpose: 'freeze', at });
        if (userId === undefined || !(await freezeUser(tx, userId, at))) {
          throw new DomainError('INVALID_TOKEN', 'This link is not valid any more.');
        }
        await record(tx, { userId, action: 'user.freeze', resource: 'user', resourceId: userId, origin, at });
        await endSessions(parts, tx, { userId, why: 'frozen', origin, at });
      });
      kickOutbox();
    },
  };
}

const wrongPassword = (): DomainError => new DomainError('INVALID_CREDENTIALS', 'The current password is wrong.');
