/**
 * Whole prices in order, each with a number given by the caller: a radix tree of 32 ways a node, with one bitmap a node
 * that says which ways are taken. Finding a price costs a step for five bits of the highest price, however many prices
 * there are and however far apart; from its lowest node the nearest above or below it, and its end, mostly cost one. It
 * lies in typed arrays, so neither it nor its changes concern the garbage collector. Against chunks of sorted prices:
 * bench/README.md.
 */
export interface Prices {
  /** By node: the ways taken. A node without any is free, but for the root. */
  bitmaps: Int32Array;
  /** By node × 32 + way: the node below, or in the lowest nodes the price's number. */
  ways: Int32Array;
  /** By node: the one above it; of a free node: the next free one. */
  parents: Int32Array;
  /** Nodes ever in use; those freed since are chained from `free`. */
  used: number;
  free: number;
  root: number;
  /** Nodes from the root down to a lowest one. */
  height: number;
}

const none = -1;
const bitsPerNode = 5;
const firstNodes = 64;
/** Exact: powers of two. By height above the lowest nodes, up to 2^53. */
const shifts = Array.from({ length: 12 }, (_, height) => 2 ** (-bitsPerNode * height));

export function createPrices(): Prices {
  return {
    bitmaps: new Int32Array(firstNodes),
    ways: new Int32Array(firstNodes * 32),
    parents: new Int32Array(firstNodes).fill(none),
    used: 1,
    free: none,
    root: 0,
    height: 1,
  };
}

/** The lowest node a price belongs in, made when there is none: give it a number there at once if it has none. */
export function reachLeaf(prices: Prices, price: number): number {
  while (!fits(price, prices.height)) raise(prices);
  let node = prices.root;
  for (let above = prices.height - 1; above > 0; above -= 1) {
    const way = wayOf(price, above);
    const taken = at(prices.bitmaps, node);
    const place = node * 32 + way;
    if ((taken & (1 << way)) !== 0) {
      node = at(prices.ways, place);
    } else {
      prices.bitmaps[node] = taken | (1 << way);
      node = addNode(prices, node, place);
    }
  }
  return node;
}

/** The number of a price in its lowest node; −1 when it has none. */
export function numberOf({ bitmaps, ways }: Prices, leaf: number, price: number): number {
  const way = price & 31;
  return (at(bitmaps, leaf) & (1 << way)) === 0 ? none : at(ways, leaf * 32 + way);
}

/** Gives a price its number. */
export function addPrice({ bitmaps, ways }: Prices, leaf: number, price: number, number: number): void {
  const way = price & 31;
  bitmaps[leaf] = at(bitmaps, leaf) | (1 << way);
  ways[leaf * 32 + way] = number;
}

/** Takes out a price that is among them. */
export function removePrice(prices: Prices, leaf: number, price: number): void {
  const { bitmaps, parents, root } = prices;
  let node = leaf;
  for (let above = 0; ; above += 1) {
    const left = at(bitmaps, node) & ~(1 << wayOf(price, above));
    bitmaps[node] = left;
    if (left !== 0 || node === root) return;
    const parent = at(parents, node);
    parents[node] = prices.free;
    prices.free = node;
    node = parent;
  }
}

/** The number of the nearest price above, or below, one that is among them; −1 if there is none. */
export function nextPrice(prices: Prices, leaf: number, price: number, isHigher: boolean): number {
  const { bitmaps, parents, root } = prices;
  let node = leaf;
  for (let above = 0; ; above += 1) {
    const taken = at(bitmaps, node) & beyond(wayOf(price, above), isHigher);
    if (taken !== 0) return nearest(prices, node, above, taken, isHigher);
    if (node === root) return none;
    node = at(parents, node);
  }
}

/** The number of the nearest price below a node, by some of its ways. */
function nearest({ bitmaps, ways }: Prices, from: number, height: number, some: number, isHigher: boolean): number {
  let node = from;
  let taken = some;
  for (let above = height; ; above -= 1) {
    const way = 31 - Math.clz32(isHigher ? taken & -taken : taken);
    node = at(ways, node * 32 + way);
    if (above === 0) return node;
    taken = at(bitmaps, node);
  }
}

/** The ways above, or below, one way. */
function beyond(way: number, isHigher: boolean): number {
  return isHigher ? -2 << way : (1 << way) - 1;
}

/** A root above the root, for prices that have one digit more. */
function raise(prices: Prices): void {
  const { root, bitmaps } = prices;
  const isEmpty = bitmaps[root] === 0;
  prices.height += 1;
  if (isEmpty) return;
  const raised = takeNode(prices);
  prices.bitmaps[raised] = 1;
  prices.ways[raised * 32] = root;
  prices.parents[raised] = none;
  prices.parents[root] = raised;
  prices.root = raised;
}

function addNode(prices: Prices, parent: number, place: number): number {
  const node = takeNode(prices);
  prices.ways[place] = node;
  prices.parents[node] = parent;
  return node;
}

/** A node without ways: a freed one has none left. */
function takeNode(prices: Prices): number {
  const { free } = prices;
  if (free !== none) {
    prices.free = at(prices.parents, free);
    return free;
  }
  if (prices.used === prices.bitmaps.length) {
    prices.bitmaps = doubled(prices.bitmaps);
    prices.ways = doubled(prices.ways);
    prices.parents = doubled(prices.parents);
  }
  prices.used += 1;
  return prices.used - 1;
}

function doubled(words: Int32Array): Int32Array {
  const more = new Int32Array(words.length * 2);
  more.set(words);
  return more;
}

function fits(price: number, height: number): boolean {
  return price * (shifts[height] ?? 0) < 1;
}

function wayOf(price: number, height: number): number {
  return (price * (shifts[height] ?? 0)) & 31;
}

/** Indexes are in bounds; the type does not know. */
function at(words: Int32Array, index: number): number {
  return words[index] ?? none;
}
