import { z } from 'zod';
import { reasonMax } from '../domain/compliance/decision.ts';
import { line, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';

const Day = z.iso.date().meta({ examples: ['1990-04-30'] });
const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'Write the country as ISO 3166-1 alpha-2, such as DE.')
  .meta({ examples: ['DE'] });
const CaseStateName = z.enum(['draft', 'screening', 'review', 'more_info', 'verified', 'rejected']);

const KycCase = z
  .object({
    case_id: Uuid,
    kyc_status: z.enum(['pending', 'verified', 'rejected']),
    state: CaseStateName,
    asked: z.string().nullable().meta({ description: 'What an officer asked of you' }),
    submitted_at: Timestamp.nullable(),
    updated_at: Timestamp,
  })
  .meta({ id: 'KycCase' });

export const Explanation = z
  .object({
    text: z.string(),
    rule: z.string().nullable().meta({ description: 'Which rule holds it' }),
    next_actor: z.enum(['you', 'officer', 'system', 'nobody']),
    by: Timestamp.nullable(),
    you_can: z.array(z.string()),
  })
  .meta({ id: 'Explanation' });

/** The update `decide` as an officer sends it; over REST her access token stands for officer and code. */
export const Decision = z.strictObject({
  officer: line(1, 320),
  code: z.string().regex(/^\d{6}$/, 'Give the six digits of your authenticator.'),
  revision: z.string().regex(/^[0-9a-f]{12}$/, 'Copy the revision from the current details.'),
  outcome: z.enum(['approve', 'reject', 'more_info']),
  reason: z
    .string()
    .trim()
    .min(3)
    .max(reasonMax)
    .regex(/^\s*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x09\x0b-\x1f\x7f-\x9f]*$/, 'Say why, without control characters.'),
});

export const kycOperations = {
  submitKyc: operation({
    method: 'POST',
    path: '/kyc',
    tag: 'kyc',
    summary: 'Send my identity data. A review follows; its end comes by mail.',
    access: 'user',
    body: z.strictObject({
      full_name: line(2, 200),
      date_of_birth: Day,
      country: Country.meta({ description: 'Of residence' }),
      address: line(5, 500),
      document: z.strictObject({
        type: z.enum(['passport', 'identity_card', 'driving_licence']),
        number: line(3, 40),
        country: Country,
        expires_on: Day,
        files: z.array(line(1, 200)).max(10).default([]),
      }),
    }),
    status: 202,
    reply: KycCase,
    refusals: ['KYC_NOT_POSSIBLE'],
  }),
  kyc: operation({
    method: 'GET',
    path: '/kyc',
    tag: 'kyc',
    summary: 'My KYC case',
    access: 'user',
    status: 200,
    reply: KycCase,
    refusals: ['CASE_NOT_FOUND'],
  }),
  explainKyc: operation({
    method: 'GET',
    path: '/kyc/explain',
    tag: 'kyc',
    summary: 'Where my case stands, which rule holds it, who acts next and what I can do',
    access: 'user',
    status: 200,
    reply: Explanation,
    refusals: ['CASE_NOT_FOUND'],
  }),
};

export const adminKycOperations = {
  decideKyc: operation({
    method: 'PATCH',
    path: '/admin/kyc/{case_id}',
    tag: 'compliance',
    summary: 'Decide a KYC case, as the update `decide` does. Needs a factor shown in the last 5 minutes.',
    access: 'compliance',
    params: z.strictObject({ case_id: Uuid }),
    body: Decision.omit({ officer: true, code: true }),
    status: 200,
    reply: z.object({ case_id: Uuid, user_id: Uuid, state: CaseStateName }),
    refusals: ['CASE_NOT_FOUND', 'CASE_CHANGED', 'DECISION_CLOSED', 'DECISION_DUPLICATE', 'SECOND_FACTOR_REQUIRED'],
  }),
};
