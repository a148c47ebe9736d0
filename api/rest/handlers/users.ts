import type { userOperations } from '../../../contract/users.ts';
import { DomainError } from '../../../domain/errors.ts';
import { isUuidV7 } from '../../../platform/ids.ts';
import type { AccountService } from '../../../services/identity/accounts.ts';
import type { Readers } from '../../answer.ts';
import { presentUser } from '../../present/user.ts';

/** Accounts, for administrators and services. */
export const createUserHandlers = (accounts: AccountService): Readers<typeof userOperations> => ({
  getUser: async ({ params }) => presentUser(await accounts.get(params.user_id)),
  getUserByEmail: async ({ query }) => presentUser(await accounts.getByEmail(query.email)),
  async listUsers({ query }) {
    const { limit, cursor } = query;
    if (cursor !== undefined && !isUuidV7(cursor)) {
      throw new DomainError('INVALID_REQUEST', 'Send the next_cursor of the page before.');
    }
    const users = await accounts.list({ limit, ...(cursor === undefined ? {} : { after: cursor }) });
    const last = users.length === limit ? users.at(-1) : undefined;
    return { items: users.map(presentUser), next_cursor: last?.userId ?? null };
  },
});
