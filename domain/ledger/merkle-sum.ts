import { invariant } from '../errors.ts';
import { type Atoms, formatDecimal } from '../money.ts';

/** One node of a tree: `hash` commits to all that lies beneath it, `sum` is what that adds up to. */
export interface SumNode {
  /** Hex. */
  readonly hash: string;
  readonly sum: Atoms;
}

/** What one user has of one asset in one snapshot. */
export interface Liability {
  readonly snapshotId: string;
  readonly asset: string;
  readonly userId: string;
  /** Random, for this leaf alone, and told to nobody but its user. */
  readonly nonce: string;
  readonly amount: Atoms;
}

export type Side = 'LEFT' | 'RIGHT';

/** A neighbour on the way from a leaf to the root, and on which side it stands. */
export interface Step extends SumNode {
  readonly side: Side;
}

/** Where such a neighbour stands: level 0 are the leaves. */
export interface Place {
  readonly level: number;
  readonly position: number;
  readonly side: Side;
}

/** The arithmetic of one asset's Merkle-sum tree. */
export interface MerkleSum {
  leaf(liability: Liability): SumNode;
  /** The level above. A last node without a neighbour goes up as it is. */
  parents(level: readonly SumNode[]): readonly SumNode[];
  /** Where a path leads from a leaf: to the published root, if leaf and path are what was published. */
  rootOf(leaf: SumNode, path: readonly Step[]): SumNode;
}

/**
 * The summation tree of Gregory Maxwell (2013), described by Zak Wilcox in "Proving your bitcoin reserves"
 * (https://iwilcox.me.uk/2014/proving-bitcoin-reserves), improved as by Hu, Zhang and Guo, "Breaking the binding"
 * (https://eprint.iacr.org/2018/1139): a node's hash commits to the sums of both children. In the first form it
 * committed to their total alone, so that each user could be shown another split of one and the same root.
 *
 * `hash` is SHA-256 of a text in UTF-8, as hex; `scale` is the asset's. Leaves and nodes begin with different words,
 * and no field holds a line break, so that no text can be read as another.
 */
export function createMerkleSum(hash: (text: string) => string, scale: number): MerkleSum {
  function join(left: SumNode, right: SumNode): SumNode {
    const fields = [left, right].flatMap((child) => [child.hash, formatDecimal(child.sum, scale)]);
    return { hash: hash(['liability-node', ...fields].join('\n')), sum: left.sum + right.sum };
  }

  return {
    leaf({ snapshotId, asset, userId, nonce, amount }) {
      // One negative leaf would hide what others are owed.
      invariant(amount >= 0n, 'nobody owes the house');
      const fields = ['liability-leaf', snapshotId, asset, userId, nonce, formatDecimal(amount, scale)];
      return { hash: hash(fields.join('\n')), sum: amount };
    },
    parents: (level) =>
      Array.from({ length: Math.ceil(level.length / 2) }, (_, position) => {
        const [left, right] = level.slice(2 * position, 2 * position + 2);
        invariant(left !== undefined, 'a parent has a child');
        return right === undefined ? left : join(left, right);
      }),
    rootOf: (leaf, path) =>
      path.reduce<SumNode>((node, step) => (step.side === 'LEFT' ? join(step, node) : join(node, step)), leaf),
  };
}

/** The places of a leaf's path, from below, in a tree of `leaves` leaves. */
export function pathPlaces(position: number, leaves: number): readonly Place[] {
  const places: Place[] = [];
  for (let level = 0, at = position, width = leaves; width > 1; level += 1) {
    const isRight = at % 2 === 1;
    const neighbour = isRight ? at - 1 : at + 1;
    if (neighbour < width) places.push({ level, position: neighbour, side: isRight ? 'LEFT' : 'RIGHT' });
    at = Math.floor(at / 2);
    width = Math.ceil(width / 2);
  }
  return places;
}
