export interface Random {
  /** A whole number from 0 to `below` − 1. */
  below(limit: number): number;
  /** Around 0, most within ± `spread`. */
  around(spread: number): number;
}

/** Mulberry32: small, fast, and the same numbers for the same seed everywhere. Not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    around: (spread) => Math.round((next() + next() + next() - 1.5) * spread),
  };
}
