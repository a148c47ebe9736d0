import { invariant } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import { passwordFault } from '../../domain/identity/password.ts';
import { needsSecondFactor, type Role } from '../../domain/identity/user.ts';
import { findTotpSecret, putTotpSecret } from '../../storage/identity/totp.ts';
import { findUserByEmail, insertUser } from '../../storage/identity/users.ts';
import { decodeTotpSecret, totpCode } from './one-time-codes.ts';
import type { IdentityParts } from './parts.ts';
import { commonPasswords } from './passwords.ts';

export interface StaffMember {
  readonly email: string;
  readonly password: string;
  readonly role: Exclude<Role, 'user'>;
  /** The authenticator's secret, Base32; people of the staff never sign in without one. */
  readonly totpSecret?: string;
}

export interface StaffService {
  /** Makes the accounts that are missing, ready to sign in. Those that exist stay as they are; safe to repeat. */
  seed(staff: readonly StaffMember[]): Promise<void>;
  /** The code a member's authenticator shows now. For development only: it stands for the member's phone. */
  currentCode(email: string): Promise<string>;
}

export function createStaff({ db, clock, newId, passwords, secretBox, record }: IdentityParts): StaffService {
  async function add(member: StaffMember, emailNormalised: string): Promise<void> {
    const { email, password, role, totpSecret } = member;
    invariant(passwordFault(password, emailNormalised, commonPasswords) === undefined, `${role} has a good password`);
    invariant(totpSecret !== undefined || !needsSecondFactor(role), `${role} has a second factor`);
    const passwordHash = await passwords.hash(password);
    const userId = newId();
    const at = clock();
    await db.tx('add-staff', async (tx) => {
      const account = { userId, email, emailNormalised, passwordHash, role, verifiedAt: at, createdAt: at };
      // Another process that starts beside this one may have been faster.
      if ((await insertUser(tx, account)) === undefined) return;
      if (totpSecret !== undefined) {
        const secret = secretBox.seal(decodeTotpSecret(totpSecret), userId);
        await putTotpSecret(tx, { userId, secret, confirmedAt: at, at });
      }
      const origin = { traceId: userId.replaceAll('-', '') };
      const what = { action: 'user.add_staff', resource: 'user', resourceId: userId, details: { role } };
      await record(tx, { ...what, actor: 'system', origin, at });
    });
  }

  return {
    async seed(staff) {
      for (const member of staff) {
        const emailNormalised = normaliseEmail(member.email);
        invariant(emailNormalised !== undefined, `${member.role} has an e-mail address`);
        if ((await findUserByEmail(db, emailNormalised)) === undefined) await add(member, emailNormalised);
      }
    },
    async currentCode(email) {
      const user = await findUserByEmail(db, normaliseEmail(email) ?? '');
      const found = user && (await findTotpSecret(db, user.userId));
      invariant(user !== undefined && found?.confirmed === true, 'only staff with an authenticator has a code');
      return totpCode(secretBox.open(found.secret, user.userId), clock());
    },
  };
}
