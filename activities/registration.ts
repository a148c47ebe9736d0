import type { MailGateway } from '../gateways/mail/mail.ts';
import type { RegistrationSteps } from '../services/identity/registration-steps.ts';
import { createSendIfAny } from './letters.ts';

export interface RegistrationDeps {
  readonly steps: RegistrationSteps;
  readonly mail: MailGateway;
}

/**
 * A registration as its workflow sees it. Each call takes the user's id and looks at the row, so each may be repeated.
 * Mails are made and sent within one activity: they hold a secret link, which must never be in a payload.
 */
export const createRegistrationActivities = ({ steps, mail }: RegistrationDeps) => {
  const sendIfAny = createSendIfAny(mail);
  return {
    sendRegistrationMail: async (userId: string) => sendIfAny(await steps.mailForRegistration(userId)),
    sendRegistrationReminder: async (userId: string) => sendIfAny(await steps.reminderFor(userId)),
    registrationState: (userId: string) => steps.registrationState(userId),
    /** Removes an attempt that still waits; answers what is true then. */
    endRegistration: (userId: string) => steps.removeIfUnverified(userId),
  };
};

export type RegistrationActivities = ReturnType<typeof createRegistrationActivities>;
