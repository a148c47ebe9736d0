import type { userOperations } from '../../../contract/users.ts';
import type { AccountService } from '../../../services/identity/accounts.ts';
import type { Readers } from '../../answer.ts';
import { nextCursor } from '../../present/page.ts';
import { presentUser } from '../../present/user.ts';

/** Accounts, for administrators and services. */
export const createUserHandlers = (accounts: AccountService): Readers<typeof userOperations> => ({
  getUser: async ({ params }) => presentUser(await accounts.get(params.user_id)),
  getUserByEmail: async ({ query }) => presentUser(await accounts.getByEmail(query.email)),
  async listUsers({ query }) {
    const { limit, cursor } = query;
    const users = await accounts.list({ limit, ...(cursor === undefined ? {} : { after: cursor }) });
    return { items: users.map(presentUser), next_cursor: nextCursor(users, limit, ({ userId }) => userId) };
  },
});
