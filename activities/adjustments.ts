import type { MailGateway } from '../gateways/mail/mail.ts';
import type { AdjustmentSteps } from '../services/ledger/adjustments.ts';
import { createSendIfAny } from './letters.ts';

export interface AdjustmentActivityDeps {
  readonly steps: AdjustmentSteps;
  readonly mail: MailGateway;
}

/** A correction of the books as its workflow sees it: every call takes the id and loads the row, none moves money. */
export const createAdjustmentActivities = ({ steps, mail }: AdjustmentActivityDeps) => {
  const sendIfAny = createSendIfAny(mail);
  return {
    /** Null when there is no such adjustment. */
    describeAdjustment: async (id: string) => (await steps.describe(id)) ?? null,
    expireAdjustment: (id: string) => steps.expire(id),
    remindOfAdjustment: async (id: string) => sendIfAny(await steps.deskMail(id, 'reminder')),
    escalateAdjustment: async (id: string) => sendIfAny(await steps.deskMail(id, 'overdue')),
  };
};

export type AdjustmentActivities = ReturnType<typeof createAdjustmentActivities>;
