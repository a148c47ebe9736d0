import { z } from 'zod';
import { AssetCode, Cursor, Decimal, Limit, page, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';

const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256', description: 'SHA-256, hex' });

const LiabilityRoot = z
  .object({
    asset: AssetCode,
    hash: Hash,
    sum: Decimal.meta({ description: 'What all users have of it, available and reserved' }),
    leaves: z.int().meta({ description: 'How many users have something of it' }),
  })
  .meta({ id: 'LiabilityRoot' });

const LiabilitySnapshot = z
  .object({ snapshot_id: Uuid, taken_at: Timestamp, roots: z.array(LiabilityRoot) })
  .meta({ id: 'LiabilitySnapshot' });

const ProofStep = z
  .object({
    side: z.enum(['LEFT', 'RIGHT']).meta({ description: 'Where it stands beside what is below' }),
    hash: Hash,
    sum: Decimal,
  })
  .meta({ id: 'ProofStep' });

const AssetProof = z
  .object({
    asset: AssetCode,
    amount: Decimal.meta({ description: 'What I had of it, available and reserved' }),
    nonce: z.uuid().meta({ description: 'Random; keep it to yourself' }),
    path: z.array(ProofStep).meta({ description: 'From the leaf to the root' }),
    root: z
      .object({ hash: Hash, sum: Decimal })
      .meta({ id: 'ProofRoot', description: 'Compare it with the published one' }),
  })
  .meta({ id: 'AssetProof' });

const LiabilityProof = z
  .object({
    snapshot_id: Uuid,
    taken_at: Timestamp,
    user_id: Uuid,
    items: z.array(AssetProof).meta({ description: 'By asset; what I had nothing of is left out' }),
  })
  .meta({ id: 'LiabilityProof' });

/** That what users have is part of what the exchange says it owes. */
export const liabilityOperations = {
  liabilityRoots: operation({
    method: 'GET',
    path: '/proofs/liabilities',
    tag: 'proofs',
    summary: 'What the exchange owes its users: the published roots of each day, newest first',
    access: 'none',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    status: 200,
    reply: page(LiabilitySnapshot),
  }),
  liabilityProof: operation({
    method: 'GET',
    path: '/wallets/proof',
    tag: 'proofs',
    summary: 'The proof that what I had is part of a published root',
    access: 'user',
    query: z.strictObject({ snapshot_id: Uuid.optional().meta({ description: 'Absent: the newest' }) }),
    status: 200,
    reply: LiabilityProof,
    refusals: ['NOT_FOUND'],
  }),
};
