import { DomainError } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import type { KycStatus, User } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Db } from '../../storage/db.ts';
import { findUser, findUserByEmail, listUsers, setKycStatus } from '../../storage/identity/users.ts';
import type { IdentityParts } from './parts.ts';

export interface KycChange {
  readonly userId: string;
  readonly kycStatus: KycStatus;
  /** Who decided: an officer by her id, or the system by its rules. */
  readonly decidedBy: { readonly actor: 'officer'; readonly userId: string } | { readonly actor: 'system' };
  /** For the audit log: the case, the proof's kind, the update and run it came through. No personal data. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
}

/** Accounts as services and staff see them. */
export interface AccountService {
  /** An account or attempt by id. Throws NOT_FOUND. */
  get(userId: string): Promise<User>;
  /** The account of an address. Throws NOT_FOUND. */
  getByEmail(email: string): Promise<User>;
  /** In order of id, after `after`. */
  list(page: { readonly after?: string; readonly limit: number }): Promise<readonly User[]>;
  /** Sets the KYC status, with its event and audit line, in the transaction of the decision. Throws NOT_FOUND. */
  setKycStatus(tx: Db, change: KycChange): Promise<User>;
}

export function createAccounts({ db, clock, record }: IdentityParts): AccountService {
  return {
    get: async (userId) => (await findUser(db, userId)) ?? missing(),
    async getByEmail(email) {
      const emailNormalised = normaliseEmail(email);
      return (emailNormalised === undefined ? undefined : await findUserByEmail(db, emailNormalised)) ?? missing();
    },
    list: (page) => listUsers(db, page),
    async setKycStatus(tx, { userId, kycStatus, decidedBy, details, origin }) {
      const at = clock();
      const { user, oldStatus } = (await setKycStatus(tx, { userId, kycStatus, at })) ?? missing();
      const payload = { email: user.email, kyc_status: kycStatus, old_status: oldStatus };
      await record(tx, {
        ...decidedBy,
        action: 'user.set_kyc_status',
        resource: 'user',
        resourceId: userId,
        details: { ...details, before: oldStatus, after: kycStatus },
        event: { userId, type: 'user.kyc.updated', payload },
        origin,
        at,
      });
      return user;
    },
  };
}

function missing(): never {
  throw new DomainError('NOT_FOUND', 'There is no such user.');
}
