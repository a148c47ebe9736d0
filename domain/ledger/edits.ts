/** Of each partition of a table: rows inserted, updated and deleted since its counts began. */
export type RowCounts = Readonly<Record<string, readonly [inserted: number, updated: number, deleted: number]>>;

/** Rows of an append-only partition that were changed or deleted. */
export interface Edit {
  readonly part: string;
  readonly updated: number;
  readonly deleted: number;
}

/**
 * Compares two readings of the counts of a table that rows are only added to. `isDoubtful`: counts began anew (a crash
 * of the server, or somebody did it), a partition is gone, or rows left `overflow`, the DEFAULT partition, as they do
 * when theirs is made later: nothing is proven, and everything has to be looked at.
 */
export function compareCounts(
  before: RowCounts,
  after: RowCounts,
  overflow: string,
): { readonly edits: readonly Edit[]; readonly isDoubtful: boolean } {
  const beganAnew = (part: string): boolean => (after[part]?.[0] ?? -1) < (before[part]?.[0] ?? 0);
  const grown = Object.entries(after).map(([part, [, updated, deleted]]) => {
    const [, updatedBefore, deletedBefore] = (beganAnew(part) ? undefined : before[part]) ?? [0, 0, 0];
    return { part, updated: Math.max(0, updated - updatedBefore), deleted: Math.max(0, deleted - deletedBefore) };
  });
  return {
    edits: grown
      .map((edit) => (edit.part === overflow ? { ...edit, deleted: 0 } : edit))
      .filter(({ updated, deleted }) => updated + deleted > 0),
    isDoubtful: Object.keys(before).some(beganAnew) || grown.some((edit) => edit.part === overflow && edit.deleted > 0),
  };
}
