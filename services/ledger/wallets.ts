import type { Balance } from '../../domain/ledger/ledger.ts';
import type { Database } from '../../storage/db.ts';
import { type Entry, listBalances, listEntries } from '../../storage/ledger/balances.ts';
import type { AssetBook } from './assets.ts';

export type { Entry };

export interface EntriesRequest {
  readonly asset: string;
  /** `next` of the page before; undefined for the newest. */
  readonly before: string | undefined;
  readonly start?: Date | undefined;
  readonly end?: Date | undefined;
  readonly limit: number;
}

export interface EntriesAnswer {
  readonly asset: string;
  readonly entries: readonly Entry[];
  readonly next: string | undefined;
}

export interface Wallets {
  /** What a user has, by asset; assets never held are left out. */
  balances(userId: string): Promise<readonly Balance[]>;
  /** What moved in one asset of a user, newest first, with the balance after each. Throws INVALID_REQUEST. */
  entries(userId: string, request: EntriesRequest): Promise<EntriesAnswer>;
}

interface Deps {
  readonly db: Database;
  readonly assets: AssetBook;
}

export const createWallets = ({ db, assets }: Deps): Wallets => ({
  balances: (userId) => listBalances(db, userId),
  async entries(userId, { asset, before, start, end, limit }) {
    await assets.scaleOf(asset);
    // Two more than asked for: a transfer's two rows stay on one page, and it shows whether there is a next one.
    const found = await listEntries(db, { userId, asset, before, start, end, limit: limit + 2 });
    const last = found[limit - 1];
    const entries = found.filter((entry, index) => index < limit || entry.transferId === last?.transferId);
    return { asset, entries, next: found.length > entries.length ? last?.transferId : undefined };
  },
});
