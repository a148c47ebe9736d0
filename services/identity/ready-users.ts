import { randomUUID } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import type { User } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { insertUser } from '../../storage/identity/users.ts';
import type { AccountService } from './accounts.ts';
import { openSession, type SessionTokens } from './open-session.ts';
import { newOpaqueToken } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';

export interface ReadyUser {
  readonly email?: string | undefined;
  /** Without one nobody can sign in: only the tokens of the answer work. */
  readonly password?: string | undefined;
  readonly kycVerified: boolean;
}

export interface ReadyUserService {
  /**
   * Makes an account that is verified without a mail, and signs it in. For development and load tests: wire it there
   * only. Throws INVALID_REQUEST when the address is none, or taken.
   */
  create(wanted: ReadyUser, origin: Origin): Promise<{ readonly user: User; readonly tokens: SessionTokens }>;
}

export function createReadyUsers(parts: IdentityParts, accounts: AccountService): ReadyUserService {
  const { db, clock, newId, passwords, kickOutbox, onVerified } = parts;
  /** The hash of a password that was thrown away, made once: thousands of users need no hash each. */
  let unusable: string | undefined;

  async function unusableHash(): Promise<string> {
    unusable ??= await passwords.hash(newOpaqueToken());
    return unusable;
  }

  return {
    async create({ email = `${randomUUID()}@example.com`, password, kycVerified }, origin) {
      const emailNormalised = normaliseEmail(email);
      if (emailNormalised === undefined) throw refused('Give an e-mail address.');
      const passwordHash = password === undefined ? await unusableHash() : await passwords.hash(password);
      const userId = newId();
      const at = clock();
      const made = await db.tx('ready-user', async (tx) => {
        const account = {
          userId,
          email,
          emailNormalised,
          passwordHash,
          role: 'user',
          verifiedAt: at,
          createdAt: at,
        } as const;
        const added = await insertUser(tx, account);
        if (added === undefined) throw refused('This address has an account.');
        for (const alsoMake of onVerified) await alsoMake(tx, { userId, origin, at });
        const details = { ready: true };
        const decided = { userId, kycStatus: 'verified', decidedBy: { actor: 'system' }, details, origin } as const;
        const user = kycVerified ? await accounts.setKycStatus(tx, decided) : added;
        const proven = { ...user, withFactor: false, onNewDevice: false };
        return { user, tokens: await openSession(parts, tx, proven, origin, at) };
      });
      kickOutbox();
      return made;
    },
  };
}

const refused = (detail: string): DomainError =>
  new DomainError('INVALID_REQUEST', detail, { errors: [{ pointer: '/email', code: 'INVALID_REQUEST', detail }] });
