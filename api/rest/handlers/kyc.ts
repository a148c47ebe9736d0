import type { kycOperations } from '../../../contract/kyc.ts';
import type { CaseService } from '../../../services/compliance/cases.ts';
import { presentCase, presentExplanation } from '../../present/kyc.ts';
import type { Handlers } from '../door.ts';

/** Customers' KYC cases over REST. */
export const createKycHandlers = (cases: CaseService): Handlers<typeof kycOperations> => ({
  async submitKyc({ body }, { caller, origin, setHeader }) {
    const { full_name: fullName, date_of_birth: dateOfBirth, country, address, document } = body;
    const { type, number, files, expires_on: expiresOn } = document;
    const papers = { type, number, country: document.country, expiresOn, files };
    const submitted = await cases.submit(caller, { fullName, dateOfBirth, country, address, document: papers }, origin);
    setHeader('Location', '/api/v1/kyc');
    return presentCase(submitted, caller.kycStatus);
  },
  kyc: async (_input, { caller }) => presentCase(await cases.current(caller), caller.kycStatus),
  explainKyc: async (_input, { caller }) => presentExplanation(await cases.explain(caller)),
});
