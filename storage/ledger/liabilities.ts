import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** What users have of one asset in a snapshot. Amounts here are decimal strings, hashes hex. */
export interface AssetLiability {
  readonly asset: string;
  readonly scale: number;
  /** How many users. */
  readonly leaves: number;
  readonly sum: string;
}

export interface LiabilityLeaf {
  readonly userId: string;
  readonly nonce: string;
  readonly amount: string;
}

export interface LiabilityNode {
  readonly hash: string;
  readonly sum: string;
}

export interface WrongLeaf {
  readonly userId: string;
  readonly asset: string;
  /** What the accounts hold. */
  readonly held: string;
  /** What their transfers say. */
  readonly moved: string;
}

/** One asset's tree in a snapshot. */
export interface LiabilityTree {
  readonly snapshotId: string;
  readonly asset: string;
}

const sql = {
  addSnapshot: sqlFile('add-liability-snapshot.sql', import.meta.url),
  addLeaves: sqlFile('add-liability-leaves.sql', import.meta.url),
  wrongLeaves: sqlFile('find-wrong-leaves.sql', import.meta.url),
  leaves: sqlFile('list-liability-leaves.sql', import.meta.url),
  addNodes: sqlFile('add-liability-nodes.sql', import.meta.url),
  addRoot: sqlFile('add-liability-root.sql', import.meta.url),
  forget: sqlFile('forget-liabilities.sql', import.meta.url),
};

/** Begins the snapshot of a day (UTC); false when there is one. */
export const addLiabilitySnapshot = async (db: Db, snapshotId: string, at: Date): Promise<boolean> =>
  (await db.oneOrNone(sql.addSnapshot, { snapshotId, at })) !== null;

/** Stores what each user has, as the transfers say it; answers the sums. Reads all transfers. */
export const addLiabilityLeaves = (db: Db, snapshotId: string): Promise<readonly AssetLiability[]> =>
  db.manyOrNone<AssetLiability>(sql.addLeaves, { snapshotId });

/** Leaves that differ from the accounts, in the transaction that stored them; 100 at most. */
export async function findWrongLeaves(db: Db, snapshotId: string): Promise<readonly WrongLeaf[]> {
  type Row = Omit<WrongLeaf, 'userId'> & { readonly user_id: string };
  const rows = await db.manyOrNone<Row>(sql.wrongLeaves, { snapshotId, limit: 100 });
  return rows.map(({ user_id, ...rest }) => ({ ...rest, userId: user_id }));
}

/** Leaves of a tree in their order, from a position on. */
export async function listLiabilityLeaves(
  db: Db,
  tree: LiabilityTree,
  from: number,
  limit: number,
): Promise<readonly LiabilityLeaf[]> {
  type Row = Omit<LiabilityLeaf, 'userId'> & { readonly user_id: string };
  const rows = await db.manyOrNone<Row>(sql.leaves, { ...tree, from, limit });
  return rows.map(({ user_id, ...rest }) => ({ ...rest, userId: user_id }));
}

/** Stores nodes of a level, from a position on. */
export async function addLiabilityNodes(
  db: Db,
  tree: LiabilityTree,
  { level, from }: { readonly level: number; readonly from: number },
  nodes: readonly LiabilityNode[],
): Promise<void> {
  const hashes = nodes.map(({ hash }) => hash);
  const sums = nodes.map(({ sum }) => sum);
  await db.none(sql.addNodes, { ...tree, level, from, hashes, sums });
}

/** Publishes the root of a tree: it is never changed again. */
export async function addLiabilityRoot(
  db: Db,
  tree: LiabilityTree,
  root: LiabilityNode & { readonly leaves: number },
): Promise<void> {
  await db.none(sql.addRoot, { ...tree, ...root });
}

/** Removes leaves and trees of snapshots taken before a time. */
export async function forgetLiabilities(db: Db, before: Date): Promise<void> {
  await db.none(sql.forget, { before });
}
