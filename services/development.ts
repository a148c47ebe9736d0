import type { Origin } from '../domain/origin.ts';
import type { User } from '../domain/identity/user.ts';
import { type CaughtMail, readInbox } from '../gateways/mail/inbox.ts';
import type { IdentityService } from './identity/identity.ts';
import type { SessionTokens } from './identity/open-session.ts';
import type { DepositService } from './payments/deposits.ts';

export interface ReadyCustomer {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
  readonly kycVerified: boolean;
  /** Units of each asset, credited at once. */
  readonly balances: Readonly<Record<string, string>>;
}

/** Short cuts that exist in development only: whole customers at once, and the mails they would get. */
export interface DevelopmentService {
  /** Makes a signed-in customer with funds. Throws INVALID_REQUEST for an unknown asset or amount. */
  createCustomer(
    wanted: ReadyCustomer,
    origin: Origin,
  ): Promise<{ readonly user: User; readonly tokens: SessionTokens }>;
  mails(to: string): Promise<readonly CaughtMail[]>;
}

interface Deps {
  readonly readyUsers: IdentityService['readyUsers'];
  readonly deposits: Pick<DepositService, 'report' | 'credit'>;
  readonly inboxUrl: string;
}

export const createDevelopmentService = ({ readyUsers, deposits, inboxUrl }: Deps): DevelopmentService => ({
  async createCustomer({ balances, ...wanted }, origin) {
    const made = await readyUsers.create(wanted, origin);
    const { userId } = made.user;
    for (const [asset, amount] of Object.entries(balances)) {
      const deposit = await deposits.report({
        userId,
        asset,
        amount,
        rail: 'dev',
        reference: `ready ${userId} ${asset}`,
      });
      // Its workflow would do the same a moment later; the answer should find the funds there.
      await deposits.credit(deposit.depositId);
    }
    return made;
  },
  mails: (to) => readInbox(inboxUrl, to),
});
