import { DomainError } from '../../domain/errors.ts';
import { pathPlaces, type Side } from '../../domain/ledger/merkle-sum.ts';
import { formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { Database } from '../../storage/db.ts';
import {
  findLiabilities,
  findLiabilityNodes,
  findLiabilitySnapshot,
  listLiabilityRoots,
  type LiabilitySnapshot,
  type OwnLiability,
  type PublishedLiabilities,
} from '../../storage/ledger/liability-proofs.ts';
import { liabilityTree } from './liabilities.ts';

export type { PublishedLiabilities };

/** That one amount of a user is part of a published sum. Amounts are decimal strings, hashes hex. */
export interface AssetProof {
  readonly asset: string;
  readonly amount: string;
  readonly nonce: string;
  readonly path: readonly { readonly side: Side; readonly hash: string; readonly sum: string }[];
  readonly root: { readonly hash: string; readonly sum: string };
}

export interface LiabilityProof extends LiabilitySnapshot {
  readonly userId: string;
  /** By asset; what the user had nothing of is left out. */
  readonly assets: readonly AssetProof[];
}

/** What everybody, and each user, is told of the exchange's liabilities. */
export interface LiabilityProofs {
  /** Published snapshots, newest first, older than the id `before`. */
  roots(before: string | undefined, limit: number): Promise<readonly PublishedLiabilities[]>;
  /**
   * A user's inclusion proofs of one snapshot, or the newest. One that does not lead to its published root is logged
   * and given out as it is: it is the user's evidence. Throws NOT_FOUND for a snapshot that there is not, or that is
   * kept no longer.
   */
  proof(userId: string, snapshotId: string | undefined): Promise<LiabilityProof>;
}

export interface ProofDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly keepMs: number;
}

export function createLiabilityProofs({ db, clock, log, keepMs }: ProofDeps): LiabilityProofs {
  async function prove(userId: string, snapshotId: string): Promise<readonly AssetProof[]> {
    const own = await findLiabilities(db, snapshotId, userId);
    const places = own.flatMap(({ asset, position, root }) =>
      pathPlaces(position, root.leaves).map((place) => ({ ...place, asset })),
    );
    const nodes = await findLiabilityNodes(db, snapshotId, places);
    const steps = places.flatMap(({ asset, side }, number) => {
      const node = nodes[number];
      return node === undefined ? [] : [{ asset, side, ...node }];
    });
    return own.map(({ asset, amount, nonce, root: { hash, sum }, ...rest }) => {
      const path = steps.filter((step) => step.asset === asset).map(({ asset: _, ...step }) => step);
      const proof = { asset, amount, nonce, path, root: { hash, sum } };
      if (!leadsToRoot(proof, { snapshotId, userId, ...rest })) {
        log.error({ snapshot_id: snapshotId, user_id: userId, asset }, 'A proof does not lead to its published root');
      }
      return proof;
    });
  }

  return {
    roots: (before, limit) => listLiabilityRoots(db, before, limit),
    async proof(userId, snapshotId) {
      const snapshot = await findLiabilitySnapshot(db, snapshotId);
      if (snapshot === undefined) throw new DomainError('NOT_FOUND', 'There is no such snapshot of the liabilities.');
      if (snapshot.takenAt.getTime() < clock().getTime() - keepMs) {
        throw new DomainError('NOT_FOUND', 'Proofs of this snapshot are kept no longer. Ask for a newer one.');
      }
      return { ...snapshot, userId, assets: await prove(userId, snapshot.snapshotId) };
    },
  };
}

type Leaf = Pick<OwnLiability, 'scale'> & { readonly snapshotId: string; readonly userId: string };

function leadsToRoot({ path, root, ...proof }: AssetProof, { scale, ...leaf }: Leaf): boolean {
  const tree = liabilityTree(scale);
  const steps = path.map((step) => ({ ...step, sum: parseDecimal(step.sum, scale) }));
  const reached = tree.rootOf(tree.leaf({ ...proof, ...leaf, amount: parseDecimal(proof.amount, scale) }), steps);
  return reached.hash === root.hash && formatDecimal(reached.sum, scale) === root.sum;
}
