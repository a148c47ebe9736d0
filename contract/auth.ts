import { z } from 'zod';
import { line, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';

const Email = line(3, 254).meta({ examples: ['alice@example.com'] });
const Password = z
  .string()
  .min(1)
  .max(512)
  .meta({ examples: ['correct horse battery'] });
/** What login takes for an unknown address, registration refuses when it is none. */
const NewEmail = Email.meta({ format: 'email', examples: ['alice@example.com'] });
/** What the rules say of a password that is set; its length counts once normalised, which no schema can say. */
const NewPassword = Password.meta({ minLength: 12, maxLength: 128, description: 'None of the common ones' });
const PersonName = line(1, 100);
const OneTimeCode = z
  .string()
  .regex(/^\d{6}$/, 'Send the six digits your authenticator shows.')
  .meta({ id: 'OneTimeCode', examples: ['123456'] });
const OpaqueToken = line(16, 256);

export const User = z
  .object({
    user_id: Uuid,
    email: z.string(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    role: z.enum(['user', 'compliance', 'admin', 'service']),
    kyc_status: z.enum(['pending', 'verified', 'rejected']),
    email_verified: z.boolean(),
    created_at: Timestamp,
  })
  .meta({ id: 'User' });

const Registered = z
  .object({ user_id: Uuid, email: z.string(), first_name: z.string().nullable(), last_name: z.string().nullable() })
  .meta({ id: 'Registered' });

const Tokens = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.number().int().meta({ description: 'Seconds' }),
    session_id: Uuid,
  })
  .meta({ id: 'Tokens' });

const Session = z
  .object({
    session_id: Uuid,
    user_agent: z.string().nullable(),
    ip_address: z.string().nullable(),
    created_at: Timestamp,
    last_used_at: Timestamp,
    current: z.boolean(),
  })
  .meta({ id: 'Session' });

export const authOperations = {
  register: operation({
    method: 'POST',
    path: '/auth/register',
    tag: 'auth',
    summary: 'Register. A mail with a link follows; there are no tokens before it is opened.',
    access: 'none',
    body: z.strictObject({
      email: NewEmail,
      password: NewPassword,
      first_name: PersonName.optional(),
      last_name: PersonName.optional(),
    }),
    status: 201,
    reply: Registered,
  }),
  verifyEmail: operation({
    method: 'POST',
    path: '/auth/verify-email',
    tag: 'auth',
    summary: 'Verify the e-mail address with the token of the mailed link',
    access: 'none',
    body: z.strictObject({ token: OpaqueToken }),
    status: 200,
    reply: z.object({ user_id: Uuid, email_verified: z.literal(true) }),
    refusals: ['INVALID_TOKEN'],
  }),
  resendVerification: operation({
    method: 'POST',
    path: '/auth/resend-verification',
    tag: 'auth',
    summary: 'Send the verification mail again. The answer never tells whether the address exists.',
    access: 'none',
    body: z.strictObject({ email: Email }),
    status: 202,
    reply: z.object({ accepted: z.literal(true) }),
  }),
  login: operation({
    method: 'POST',
    path: '/auth/login',
    tag: 'auth',
    summary: 'Log in',
    access: 'none',
    // The answer holds tokens, which no store of answers may keep.
    idempotency: 'own',
    body: z.strictObject({
      email: Email,
      password: Password,
      totp: OneTimeCode.optional(),
    }),
    status: 200,
    reply: Tokens,
    refusals: ['INVALID_CREDENTIALS', 'SECOND_FACTOR_REQUIRED', 'CODE_USED', 'ACCOUNT_FROZEN', 'TOO_MANY_ATTEMPTS'],
  }),
  refresh: operation({
    method: 'POST',
    path: '/auth/refresh',
    tag: 'auth',
    summary: 'Exchange a refresh token for the next one and a fresh access token',
    access: 'none',
    idempotency: 'own',
    body: z.strictObject({ refresh_token: OpaqueToken }),
    status: 200,
    reply: Tokens,
    refusals: ['UNAUTHENTICATED'],
  }),
  me: operation({
    method: 'GET',
    path: '/users/me',
    tag: 'users',
    summary: 'My profile',
    access: 'user',
    status: 200,
    reply: User,
  }),
  updateMe: operation({
    method: 'PATCH',
    path: '/users/me',
    tag: 'users',
    summary: 'Change my profile',
    access: 'user',
    body: z.strictObject({ first_name: PersonName.optional(), last_name: PersonName.optional() }),
    status: 200,
    reply: User,
  }),
  sessions: operation({
    method: 'GET',
    path: '/users/me/sessions',
    tag: 'users',
    summary: 'My sessions',
    access: 'user',
    status: 200,
    reply: z.object({ items: z.array(Session), next_cursor: z.null() }),
  }),
  revokeSession: operation({
    method: 'DELETE',
    path: '/users/me/sessions/{session_id}',
    tag: 'users',
    summary: 'End one of my sessions',
    access: 'user',
    params: z.strictObject({ session_id: Uuid }),
    status: 204,
    refusals: ['NOT_FOUND'],
  }),
  logout: operation({
    method: 'POST',
    path: '/users/me/logout',
    tag: 'users',
    summary: 'End this session',
    access: 'user',
    status: 204,
  }),
  logoutAll: operation({
    method: 'POST',
    path: '/users/me/logout-all',
    tag: 'users',
    summary: 'End all my sessions',
    access: 'user',
    status: 204,
  }),
  changePassword: operation({
    method: 'POST',
    path: '/users/me/password',
    tag: 'users',
    summary: 'Change my password. All my other sessions end.',
    access: 'user',
    idempotency: 'own',
    body: z.strictObject({ current_password: Password, new_password: NewPassword }),
    status: 204,
    refusals: ['INVALID_CREDENTIALS', 'TOO_MANY_ATTEMPTS'],
  }),
  freeze: operation({
    method: 'POST',
    path: '/auth/freeze',
    tag: 'auth',
    summary: 'Freeze the account with the token of a mailed warning',
    access: 'none',
    idempotency: 'own',
    body: z.strictObject({ token: OpaqueToken }),
    status: 204,
    refusals: ['INVALID_TOKEN'],
  }),
  stepUp: operation({
    method: 'POST',
    path: '/auth/step-up',
    tag: 'auth',
    summary: 'Show my second factor in this session',
    access: 'user',
    idempotency: 'own',
    body: z.strictObject({ totp: OneTimeCode }),
    status: 204,
    refusals: ['INVALID_CREDENTIALS', 'CODE_USED', 'SECOND_FACTOR_REQUIRED', 'TOO_MANY_ATTEMPTS'],
  }),
  enrolTotp: operation({
    method: 'POST',
    path: '/users/me/totp',
    tag: 'users',
    summary: 'Begin to set up an authenticator app. It counts once a code of it was shown.',
    access: 'user',
    // The answer holds a secret, which no store of answers may keep.
    idempotency: 'own',
    status: 201,
    reply: z
      .object({
        secret: z.string().meta({ description: 'Base32' }),
        uri: z.string().meta({ description: 'For a QR code' }),
      })
      .meta({ id: 'TotpEnrolment' }),
    refusals: ['SECOND_FACTOR_EXISTS'],
  }),
  confirmTotp: operation({
    method: 'POST',
    path: '/users/me/totp/confirm',
    tag: 'users',
    summary: 'Show the first code of a new authenticator app',
    access: 'user',
    idempotency: 'own',
    body: z.strictObject({ totp: OneTimeCode }),
    status: 204,
    refusals: [
      'INVALID_CREDENTIALS',
      'CODE_USED',
      'SECOND_FACTOR_EXISTS',
      'SECOND_FACTOR_REQUIRED',
      'TOO_MANY_ATTEMPTS',
    ],
  }),
};
