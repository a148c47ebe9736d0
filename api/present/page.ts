/** Where the page after `found` begins: after its last item, by its id. Null when there is none. */
export function nextCursor<T>(found: readonly T[], limit: number, idOf: (item: T) => string): string | null {
  const last = found.length < limit ? undefined : found.at(-1);
  return last === undefined ? null : idOf(last);
}
