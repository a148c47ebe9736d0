/**
 * A name as names are compared: without accents, punctuation, capitals and order, since lists write family names
 * first and passports do not.
 */
export const nameKey = (name: string): string => nameTokens(name).sort().join(' ');

const nameTokens = (name: string): string[] =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '');

/**
 * How alike two names are, 0 to 100: each word of the shorter name is paired with its most similar word of the other
 * (Jaro–Winkler), weighted by length. Words that only one name has cost a little: middle names are often left out.
 */
export function nameSimilarity(one: string, other: string): number {
  const [fewer = [], more = []] = [nameTokens(one), nameTokens(other)].sort((a, b) => a.length - b.length);
  if (fewer.length === 0) return 0;
  const left = [...more];
  let sum = 0;
  let weight = 0;
  for (const token of fewer.sort((a, b) => b.length - a.length)) {
    const best = left.reduce(
      (at, word, index) => (similar(token, word) > similar(token, left[at] ?? '') ? index : at),
      0,
    );
    sum += token.length * similar(token, left[best] ?? '');
    weight += token.length;
    left.splice(best, 1);
  }
  const unpaired = Math.min(left.length, 2) * 0.04;
  // A single word is too little to say who somebody is.
  const single = fewer.length === 1 && more.length > 1 ? 0.15 : 0;
  return Math.max(0, Math.round(100 * (sum / weight - unpaired - single)));
}

const similar = (a: string, b: string): number => {
  const jaro = jaroSimilarity(a, b);
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return jaro + prefix * 0.1 * (1 - jaro);
};

/** Jaro (1989): shares of common characters near each other's place, and of those in order. */
function jaroSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Set<number>();
  const common: string[] = [];
  for (let i = 0; i < a.length; i += 1) {
    for (let j = Math.max(0, i - reach); j <= Math.min(b.length - 1, i + reach); j += 1) {
      if (taken.has(j) || a[i] !== b[j]) continue;
      taken.add(j);
      common.push(a.charAt(i));
      break;
    }
  }
  if (common.length === 0) return 0;
  const inB = [...taken].sort((x, y) => x - y).map((j) => b[j]);
  const swapped = common.filter((letter, index) => letter !== inB[index]).length / 2;
  const m = common.length;
  return (m / a.length + m / b.length + (m - swapped) / m) / 3;
}
