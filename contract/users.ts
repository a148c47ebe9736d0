import { z } from 'zod';
import { User } from './auth.ts';
import { Cursor, Limit, line, page, Uuid } from './common.ts';
import { operation } from './operation.ts';

/** Accounts as administrators see them; over gRPC, as the exchange's other services do. */
export const userOperations = {
  getUser: operation({
    method: 'GET',
    path: '/admin/users/{user_id}',
    tag: 'admin',
    summary: 'One account',
    access: 'admin',
    params: z.strictObject({ user_id: Uuid }),
    status: 200,
    reply: User,
    refusals: ['NOT_FOUND'],
  }),
  getUserByEmail: operation({
    method: 'GET',
    path: '/admin/user-by-email',
    tag: 'admin',
    summary: 'The account of an e-mail address',
    access: 'admin',
    query: z.strictObject({ email: line(3, 254) }),
    status: 200,
    reply: User,
    refusals: ['NOT_FOUND'],
  }),
  listUsers: operation({
    method: 'GET',
    path: '/admin/users',
    tag: 'admin',
    summary: 'Accounts, oldest first',
    access: 'admin',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    status: 200,
    reply: page(User),
  }),
};
