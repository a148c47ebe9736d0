import type { devCustomerOperations } from '../../../contract/dev.ts';
import type { DevelopmentService } from '../../../services/development.ts';
import { presentTokens, presentUser } from '../../present/user.ts';
import type { Handlers } from '../door.ts';

/** Development's short cuts over REST. */
export const createDevHandlers = (development: DevelopmentService): Handlers<typeof devCustomerOperations> => ({
  async createCustomer({ body }, { origin }) {
    const { email, password, kyc, balances = {} } = body;
    const wanted = { email, password, kycVerified: kyc === 'verified', balances };
    const { user, tokens } = await development.createCustomer(wanted, origin);
    const { access_token, refresh_token, session_id } = presentTokens(tokens);
    return { user: presentUser(user), access_token, refresh_token, session_id };
  },
  devMails: async ({ query }) => ({ items: [...(await development.mails(query.to))] }),
});
