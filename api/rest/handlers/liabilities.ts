import type { liabilityOperations } from '../../../contract/liabilities.ts';
import type { LiabilityProofs } from '../../../services/ledger/liability-proofs.ts';
import { presentLiabilityProof, presentLiabilityRoots } from '../../present/liability.ts';
import type { Handlers } from '../door.ts';

/** What is published of the liabilities, and each user's proof of being part of them. */
export const createLiabilityHandlers = (proofs: LiabilityProofs): Handlers<typeof liabilityOperations> => ({
  liabilityRoots: async ({ query: { limit, cursor } }) =>
    presentLiabilityRoots(await proofs.roots(cursor, limit), limit),
  liabilityProof: async ({ query }, { caller }) =>
    presentLiabilityProof(await proofs.proof(caller.userId, query.snapshot_id)),
});
