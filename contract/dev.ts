import { z } from 'zod';
import { User } from './auth.ts';
import { AssetCode, Decimal, line, Timestamp } from './common.ts';
import { operation } from './operation.ts';

/** Mounted on the internal door where APP_ENV is dev, and nowhere else. */
export const devCustomerOperations = {
  createCustomer: operation({
    method: 'POST',
    path: '/dev/users',
    tag: 'development',
    summary: 'Make a ready customer: e-mail verified, signed in, with funds',
    access: 'none',
    idempotency: 'own',
    body: z.strictObject({
      email: line(3, 254).optional(),
      password: z.string().min(12).max(128).optional(),
      kyc: z.literal('verified').optional(),
      balances: z.record(AssetCode, Decimal).optional(),
    }),
    status: 201,
    reply: z.object({ user: User, access_token: z.string(), refresh_token: z.string(), session_id: z.string() }),
  }),
  devMails: operation({
    method: 'GET',
    path: '/dev/mails',
    tag: 'development',
    summary: 'The mails sent to an address',
    access: 'none',
    query: z.strictObject({ to: line(3, 254) }),
    status: 200,
    reply: z.object({
      items: z.array(
        z.object({
          mail_id: z.string(),
          to: z.string(),
          subject: z.string(),
          text: z.string(),
          sent_at: Timestamp,
        }),
      ),
    }),
  }),
};
