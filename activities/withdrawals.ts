import type { CustodyGateway } from '../gateways/custody/custody.ts';
import type { MailGateway } from '../gateways/mail/mail.ts';
import type { AddressScreeningGateway } from '../gateways/screening/screening.ts';
import type { WithdrawalSteps } from '../services/payments/withdrawal-steps.ts';
import { createSendIfAny } from './letters.ts';

export interface WithdrawalActivityDeps {
  readonly steps: WithdrawalSteps;
  readonly custody: CustodyGateway;
  readonly screening: AddressScreeningGateway;
  readonly mail: MailGateway;
}

/**
 * A withdrawal as its workflow sees it: every call takes the id, loads the row and moves it only from the expected
 * state, so each is safe to repeat and none trusts a payload.
 */
export const createWithdrawalActivities = ({ steps, custody, screening, mail }: WithdrawalActivityDeps) => {
  const sendIfAny = createSendIfAny(mail);
  return {
    /** Null when there is no such withdrawal. */
    describeWithdrawal: async (id: string) => (await steps.describe(id)) ?? null,
    async askConfirmation(id: string): Promise<void> {
      await sendIfAny(await steps.confirmationMail(id));
      await steps.awaitConfirmation(id);
    },
    /** Rejects while the lists cannot be searched: the withdrawal waits. */
    async screenWithdrawal(id: string): Promise<void> {
      const address = await steps.addressToScreen(id);
      if (address !== undefined) await steps.keepScreening(id, await screening.screenAddress(address));
    },
    expireWithdrawal: (id: string) => steps.expire(id),
    prepareWithdrawal: (id: string) => steps.prepare(id, custody),
    broadcastWithdrawal: (id: string) => steps.broadcast(id, custody),
    confirmWithdrawal: (id: string) => steps.confirm(id, custody),
    settleWithdrawal: (id: string) => steps.settle(id),
    sendWithdrawalMail: async (id: string) => sendIfAny(await steps.endingMail(id)),
    remindApprovers: async (id: string) => sendIfAny(await steps.deskMail(id, 'reminder')),
    escalateWithdrawal: async (id: string) => sendIfAny(await steps.deskMail(id, 'overdue')),
  };
};

export type WithdrawalActivities = ReturnType<typeof createWithdrawalActivities>;
