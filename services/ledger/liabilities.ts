import { hash } from 'node:crypto';
import { invariant } from '../../domain/errors.ts';
import { createMerkleSum, type MerkleSum, type SumNode } from '../../domain/ledger/merkle-sum.ts';
import { formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { type Database, type Db, keptSnapshot } from '../../storage/db.ts';
import {
  addLiabilityLeaves,
  addLiabilityNodes,
  addLiabilityRoot,
  addLiabilitySnapshot,
  type AssetLiability,
  findWrongLeaves,
  forgetLiabilities,
  type LiabilityTree,
  listLiabilityLeaves,
} from '../../storage/ledger/liabilities.ts';
import { createRecorder } from '../identity/records.ts';

/** What was published: undefined `snapshotId` when the day had its snapshot already. */
export interface Published {
  readonly snapshotId: string | undefined;
  readonly assets: number;
}

/**
 * Takes the day's snapshot (UTC) of what users have, stores a Merkle-sum tree of each asset and publishes the roots,
 * all in one transaction over one state of the books. Leaves are what the transfers say. Where the accounts say
 * anything else it throws, and nothing is published. Safe to repeat and to run twice at once. Forgets what is older
 * than is kept.
 */
export type PublishLiabilities = () => Promise<Published>;

export interface PublishingDeps {
  /** Its statements may take long: one of them reads all transfers. */
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  /** How long proofs can be had. */
  readonly keepMs: number;
}

/** Even, so that two children are on one page; between pages other work has its turn. */
const pageSize = 5_000;

/** The tree arithmetic of an asset, over SHA-256. */
export const liabilityTree = (scale: number): MerkleSum => createMerkleSum((text) => hash('sha256', text), scale);

export function createLiabilityPublishing(deps: PublishingDeps): PublishLiabilities {
  const { db, clock, newId, log, keepMs } = deps;
  const record = createRecorder({ newId });

  async function publish(tx: Db, snapshotId: string, at: Date): Promise<Published> {
    if (!(await addLiabilitySnapshot(tx, snapshotId, at))) return { snapshotId: undefined, assets: 0 };
    const assets = await addLiabilityLeaves(tx, snapshotId);
    await requireSoundBooks(tx, snapshotId, log);
    const roots = [];
    for (const each of assets) roots.push(await publishTree(tx, { snapshotId, asset: each.asset }, each));
    // The audit log is chained: whoever changes a root afterwards has to change both, and all that follows.
    const what = { action: 'liabilities.publish', resource: 'liability_snapshot', resourceId: snapshotId };
    const origin = { traceId: snapshotId.replaceAll('-', '') };
    await record(tx, { ...what, actor: 'system', details: { roots }, origin, at });
    return { snapshotId, assets: assets.length };
  }

  return async () => {
    const at = clock();
    const published = await db.tx({ mode: keptSnapshot, tag: 'publish-liabilities' }, (tx) => publish(tx, newId(), at));
    await forgetLiabilities(db, new Date(at.getTime() - keepMs));
    return published;
  };
}

async function requireSoundBooks(tx: Db, snapshotId: string, log: Logger): Promise<void> {
  const wrong = await findWrongLeaves(tx, snapshotId);
  for (const { userId, asset, held, moved } of wrong) {
    log.error({ user_id: userId, asset, held, moved }, 'A user has something else than the transfers say');
  }
  if (wrong.length > 0) throw new Error('The books are not sound: no liabilities are published.');
}

async function publishTree(tx: Db, tree: LiabilityTree, { scale, leaves, sum }: AssetLiability) {
  const arithmetic = liabilityTree(scale);
  /** Stores a level; answers the one above. */
  async function keep(level: number, nodes: readonly SumNode[]): Promise<readonly SumNode[]> {
    const above: SumNode[] = [];
    for (let from = 0; from < nodes.length; from += pageSize) {
      const page = nodes.slice(from, from + pageSize);
      const stored = page.map((node) => ({ hash: node.hash, sum: formatDecimal(node.sum, scale) }));
      await addLiabilityNodes(tx, tree, { level, from }, stored);
      above.push(...arithmetic.parents(page));
    }
    return above;
  }
  let nodes = await readLeaves(tx, tree, scale, arithmetic);
  for (let level = 0; nodes.length > 1; level += 1) nodes = await keep(level, nodes);
  const [root] = nodes;
  invariant(root !== undefined && formatDecimal(root.sum, scale) === sum, 'the root is the sum of all leaves');
  const published = { hash: root.hash, sum, leaves };
  await addLiabilityRoot(tx, tree, published);
  return { asset: tree.asset, ...published };
}

async function readLeaves(
  tx: Db,
  tree: LiabilityTree,
  scale: number,
  { leaf }: MerkleSum,
): Promise<readonly SumNode[]> {
  const nodes: SumNode[] = [];
  for (;;) {
    const page = await listLiabilityLeaves(tx, tree, nodes.length, pageSize);
    for (const { amount, ...rest } of page) nodes.push(leaf({ ...tree, ...rest, amount: parseDecimal(amount, scale) }));
    if (page.length < pageSize) return nodes;
  }
}
