/** What an id table holds. The table's own links are in the entry, so that a hit reads no memory but the entry's. */
export interface Entry<T> {
  id: string;
  /** `hashId(id)`. */
  idHash: number;
  /** The next entry of the same bucket. */
  nextInBucket: T | undefined;
}

/**
 * Entries by id: chained hashing with at most half as many entries as buckets. A `Map` has V8 hash the whole of each id
 * that comes fresh from a message, by a call into its runtime: 1.7 times as long for one of 100 000 (bench/README.md).
 */
export interface IdTable<T extends Entry<T>> {
  /** A power of two of them. */
  buckets: (T | undefined)[];
  size: number;
}

/** How much of an id's end is hashed: of a UUIDv7 the last 48 bits, which are random. */
const hashedEnd = 12;
const firstBuckets = 64;

export function createIdTable<T extends Entry<T>>(): IdTable<T> {
  return { buckets: emptyBuckets(firstBuckets), size: 0 };
}

/**
 * 32 bits that spread ids over buckets (FNV-1a and a final shift). Ids that end alike are slow, never wrong. The
 * state's hash is made from it (hash.ts).
 */
export function hashId(id: string): number {
  let hash = id.length;
  for (let index = Math.max(0, hash - hashedEnd); index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/** The entry with an id, whose hash is given. */
export function findId<T extends Entry<T>>({ buckets }: IdTable<T>, id: string, idHash: number): T | undefined {
  let entry = buckets[idHash & (buckets.length - 1)];
  while (entry !== undefined && (entry.idHash !== idHash || entry.id !== id)) entry = entry.nextInBucket;
  return entry;
}

/** Adds an entry whose id is not in the table. */
export function addId<T extends Entry<T>>(table: IdTable<T>, entry: T): void {
  table.size += 1;
  if (table.size * 2 > table.buckets.length) grow(table);
  push(table.buckets, entry);
}

/** Takes out an entry that is in the table. */
export function removeId<T extends Entry<T>>(table: IdTable<T>, entry: T): void {
  const { buckets } = table;
  const bucket = entry.idHash & (buckets.length - 1);
  const first = buckets[bucket];
  if (first === entry) {
    buckets[bucket] = entry.nextInBucket;
  } else {
    let before = first;
    while (before !== undefined && before.nextInBucket !== entry) before = before.nextInBucket;
    if (before !== undefined) before.nextInBucket = entry.nextInBucket;
  }
  entry.nextInBucket = undefined;
  table.size -= 1;
}

function push<T extends Entry<T>>(buckets: (T | undefined)[], entry: T): void {
  const bucket = entry.idHash & (buckets.length - 1);
  entry.nextInBucket = buckets[bucket];
  buckets[bucket] = entry;
}

function grow<T extends Entry<T>>(table: IdTable<T>): void {
  const buckets = emptyBuckets<T>(table.buckets.length * 2);
  for (const first of table.buckets) {
    for (let entry = first; entry !== undefined;) {
      const next: T | undefined = entry.nextInBucket;
      push(buckets, entry);
      entry = next;
    }
  }
  table.buckets = buckets;
}

/** Filled at once: an array without holes is read faster. */
function emptyBuckets<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}
