import type { adminKycOperations } from '../../../contract/kyc.ts';
import type { DecideService } from '../../../services/compliance/decide.ts';
import type { Handlers } from '../door.ts';

/** Officers' decisions by another door than the Temporal UI. */
export const createAdminKycHandlers = (decide: DecideService): Handlers<typeof adminKycOperations> => ({
  async decideKyc({ params, body }, { caller, origin }) {
    const { caseId, userId, state } = await decide.bySession(caller, params.case_id, body, origin);
    return { case_id: caseId, user_id: userId, state };
  },
});
