import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** The right to commit batches of one market, until somebody else takes it: then the epoch is another. */
export interface MarketLease {
  readonly symbol: string;
  readonly epoch: number;
}

const sql = {
  claim: sqlFile('matching-claim.sql', import.meta.url),
  renew: sqlFile('matching-renew.sql', import.meta.url),
  release: sqlFile('matching-release.sql', import.meta.url),
};

export interface Claim {
  readonly matcherId: string;
  /** Only these markets; all when empty. */
  readonly symbols: readonly string[];
  readonly except: readonly string[];
  readonly ttlMs: number;
}

/** Takes the leases that are free. */
export async function claimMarkets(db: Db, claim: Claim): Promise<readonly MarketLease[]> {
  const rows = await db.manyOrNone<{ symbol: string; epoch: string }>(sql.claim, { ...claim });
  return rows.map(({ symbol, epoch }) => ({ symbol, epoch: Number(epoch) }));
}

const columns = (leases: readonly MarketLease[]) => ({
  symbols: leases.map(({ symbol }) => symbol),
  epochs: leases.map(({ epoch }) => epoch),
});

/** Renews leases; answers the symbols of those that are still this holder's. */
export async function renewMarkets(db: Db, leases: readonly MarketLease[], ttlMs: number): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ symbol: string }>(sql.renew, { ...columns(leases), ttlMs });
  return rows.map(({ symbol }) => symbol);
}

/** Gives leases back at once. */
export async function releaseMarkets(db: Db, leases: readonly MarketLease[]): Promise<void> {
  await db.none(sql.release, columns(leases));
}
