export const roles = ['user', 'compliance', 'admin', 'service'] as const;
export type Role = (typeof roles)[number];

export const kycStatuses = ['pending', 'verified', 'rejected'] as const;
export type KycStatus = (typeof kycStatuses)[number];

/** A person or service that may sign in, without any secret. */
export interface User {
  readonly userId: string;
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly role: Role;
  readonly kycStatus: KycStatus;
  /** Unset while the e-mail address is not proven: a registration attempt, not yet an account. */
  readonly verifiedAt?: Date;
  readonly createdAt: Date;
}

/** Who is calling, as the doors know it after `authenticate`. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly kycStatus: KycStatus;
  /** When this session last showed a second factor. */
  readonly lastFactorAt: Date | undefined;
}

/** Whether these are the people who run the exchange. */
export const isStaff = (role: Role): boolean => role === 'compliance' || role === 'admin';

/** Staff decide about other people's money: they never sign in on a password alone. */
export const needsSecondFactor = (role: Role): boolean => isStaff(role);
