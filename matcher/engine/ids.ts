/** What an id table holds. */
export interface Entry {
  id: string;
  /** `hashId(id)`. */
  idHash: number;
}

/**
 * Entries by id: open addressing, at most half full. The hashes stand apart from the entries, four bytes each: an id
 * that is not in the table reads none of the entries, which lie anywhere in memory; one that is, its own alone. A `Map`
 * has V8 hash the whole of each id that comes fresh from a message, by a call into its runtime: 1.7 times as long for
 * one of 100 000 (bench/README.md).
 */
export interface IdTable<T extends Entry> {
  /** By slot: the hash of the entry there; 0 where there is none. A power of two of them. */
  hashes: Int32Array;
  entries: (T | undefined)[];
  size: number;
}

/** How much of an id's end is hashed: of a UUIDv7 the last 48 bits, which are random. */
const hashedEnd = 12;
const firstSlots = 64;

export function createIdTable<T extends Entry>(): IdTable<T> {
  return { hashes: new Int32Array(firstSlots), entries: emptySlots(firstSlots), size: 0 };
}

/**
 * 32 bits, never 0, that spread ids over slots (FNV-1a and a final shift). Ids that end alike are slow, never wrong.
 * The state's hash is made from it (hash.ts).
 */
export function hashId(id: string): number {
  let hash = id.length;
  for (let index = Math.max(0, hash - hashedEnd); index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  hash ^= hash >>> 15;
  return hash === 0 ? 1 : hash;
}

/** The entry with an id, whose hash is given. */
export function findId<T extends Entry>({ hashes, entries }: IdTable<T>, id: string, idHash: number): T | undefined {
  const last = hashes.length - 1;
  for (let slot = idHash & last; hashes[slot] !== 0; slot = (slot + 1) & last) {
    if (hashes[slot] !== idHash) continue;
    const entry = entries[slot];
    if (entry?.id === id) return entry;
  }
  return undefined;
}

/** Reads the slots where a search for each hash begins; what it added up, so that the reads are not compiled away. */
export function touchSlots<T extends Entry>({ hashes }: IdTable<T>, idHashes: Int32Array): number {
  const last = hashes.length - 1;
  let touched = 0;
  for (const idHash of idHashes) touched += hashes[idHash & last] ?? 0;
  return touched;
}

/** The entries whose ids have one of the hashes, mostly those meant. Reads no entry, so none is waited for. */
export function guessEntries<T extends Entry>({ hashes, entries }: IdTable<T>, idHashes: Int32Array): T[] {
  const last = hashes.length - 1;
  const guesses: T[] = [];
  for (const idHash of idHashes) {
    let slot = idHash & last;
    while (hashes[slot] !== 0 && hashes[slot] !== idHash) slot = (slot + 1) & last;
    // Asked of the hash, which is at hand.
    if (hashes[slot] !== 0) guesses.push(entries[slot] as T);
  }
  return guesses;
}

/** Adds an entry whose id is not in the table. */
export function addId<T extends Entry>(table: IdTable<T>, entry: T): void {
  table.size += 1;
  if (table.size * 2 > table.hashes.length) grow(table);
  put(table, entry);
}

/** Takes out an entry that is in the table. Those behind it move up, so that none is behind a gap. */
export function removeId<T extends Entry>(table: IdTable<T>, entry: T): void {
  const { hashes, entries } = table;
  const last = hashes.length - 1;
  let gap = entry.idHash & last;
  while (entries[gap] !== entry) gap = (gap + 1) & last;
  for (let slot = (gap + 1) & last; ; slot = (slot + 1) & last) {
    const hash = hashes[slot] ?? 0;
    if (hash === 0) break;
    // One that is nearer to its own first slot than to the gap stays.
    if (((slot - hash) & last) < ((slot - gap) & last)) continue;
    hashes[gap] = hash;
    entries[gap] = entries[slot];
    gap = slot;
  }
  hashes[gap] = 0;
  entries[gap] = undefined;
  table.size -= 1;
}

function put<T extends Entry>({ hashes, entries }: IdTable<T>, entry: T): void {
  const last = hashes.length - 1;
  let slot = entry.idHash & last;
  while (hashes[slot] !== 0) slot = (slot + 1) & last;
  hashes[slot] = entry.idHash;
  entries[slot] = entry;
}

function grow<T extends Entry>(table: IdTable<T>): void {
  const before = table.entries;
  table.hashes = new Int32Array(before.length * 2);
  table.entries = emptySlots(before.length * 2);
  for (const entry of before) if (entry !== undefined) put(table, entry);
}

/** Filled at once: an array without holes is read faster. */
function emptySlots<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}
