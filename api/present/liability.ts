import type { liabilityOperations } from '../../contract/liabilities.ts';
import type { Reply } from '../../contract/operation.ts';
import type { LiabilityProof, PublishedLiabilities } from '../../services/ledger/liability-proofs.ts';
import { nextCursor } from './page.ts';

export const presentLiabilityRoots = (
  published: readonly PublishedLiabilities[],
  limit: number,
): Reply<typeof liabilityOperations.liabilityRoots> => ({
  items: published.map(({ snapshotId, takenAt, roots }) => ({
    snapshot_id: snapshotId,
    taken_at: takenAt.toISOString(),
    roots: [...roots],
  })),
  next_cursor: nextCursor(published, limit, ({ snapshotId }) => snapshotId),
});

export const presentLiabilityProof = (proof: LiabilityProof): Reply<typeof liabilityOperations.liabilityProof> => ({
  snapshot_id: proof.snapshotId,
  taken_at: proof.takenAt.toISOString(),
  user_id: proof.userId,
  items: proof.assets.map(({ path, ...asset }) => ({ ...asset, path: [...path] })),
});
