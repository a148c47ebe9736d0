import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';
import type { LiabilityNode } from './liabilities.ts';

export interface LiabilitySnapshot {
  readonly snapshotId: string;
  readonly takenAt: Date;
}

/** What was published of one asset. */
export interface LiabilityRoot extends LiabilityNode {
  readonly asset: string;
  /** How many users have something of it. */
  readonly leaves: number;
}

export interface PublishedLiabilities extends LiabilitySnapshot {
  readonly roots: readonly LiabilityRoot[];
}

/** What one user has of one asset, where that stands in its tree, and what was published of the tree. */
export interface OwnLiability {
  readonly asset: string;
  readonly scale: number;
  readonly position: number;
  readonly nonce: string;
  readonly amount: string;
  readonly root: LiabilityRoot;
}

/** A place in one asset's tree. */
export interface TreePlace {
  readonly asset: string;
  readonly level: number;
  readonly position: number;
}

interface SnapshotRow {
  readonly snapshot_id: string;
  readonly taken_at: Date;
}

interface OwnRow extends Omit<OwnLiability, 'root'> {
  readonly leaves: number;
  readonly root_hash: string;
  readonly root_sum: string;
}

const sql = {
  roots: sqlFile('list-liability-roots.sql', import.meta.url),
  snapshot: sqlFile('find-liability-snapshot.sql', import.meta.url),
  own: sqlFile('find-liabilities.sql', import.meta.url),
  nodes: sqlFile('find-liability-nodes.sql', import.meta.url),
};

/** Published snapshots, newest first, before an id. */
export async function listLiabilityRoots(
  db: Db,
  before: string | undefined,
  limit: number,
): Promise<readonly PublishedLiabilities[]> {
  type Row = SnapshotRow & { readonly roots: readonly LiabilityRoot[] };
  const rows = await db.manyOrNone<Row>(sql.roots, { before: before ?? null, limit });
  return rows.map((row) => ({ ...toSnapshot(row), roots: row.roots }));
}

/** One snapshot, or the newest. */
export async function findLiabilitySnapshot(
  db: Db,
  snapshotId: string | undefined,
): Promise<LiabilitySnapshot | undefined> {
  const row = await db.oneOrNone<SnapshotRow>(sql.snapshot, { snapshotId: snapshotId ?? null });
  return row === null ? undefined : toSnapshot(row);
}

/** A user's leaves in a snapshot. */
export async function findLiabilities(db: Db, snapshotId: string, userId: string): Promise<readonly OwnLiability[]> {
  const rows = await db.manyOrNone<OwnRow>(sql.own, { snapshotId, userId });
  return rows.map(({ leaves, root_hash, root_sum, ...own }) => ({
    ...own,
    root: { asset: own.asset, leaves, hash: root_hash, sum: root_sum },
  }));
}

/** The nodes at these places, in their order; undefined where there is none. */
export async function findLiabilityNodes(
  db: Db,
  snapshotId: string,
  places: readonly TreePlace[],
): Promise<readonly (LiabilityNode | undefined)[]> {
  const rows = await db.manyOrNone<LiabilityNode & { readonly number: number }>(sql.nodes, {
    snapshotId,
    assets: places.map(({ asset }) => asset),
    levels: places.map(({ level }) => level),
    positions: places.map(({ position }) => position),
  });
  const found = new Map(rows.map(({ number, hash, sum }) => [number, { hash, sum }] as const));
  return places.map((_, number) => found.get(number));
}

const toSnapshot = ({ snapshot_id, taken_at }: SnapshotRow): LiabilitySnapshot => ({
  snapshotId: snapshot_id,
  takenAt: taken_at,
});
