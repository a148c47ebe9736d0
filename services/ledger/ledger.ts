import { createExternalFunds, type ExternalFunds } from './external.ts';
import { type AssetBook, createAssetBook } from './assets.ts';
import { createFunds, type Funds } from './funds.ts';
import { createSettleTrade, type SettleTrade, type SettleTradeDeps } from './settle-trade.ts';
import { createWallets, type Wallets } from './wallets.ts';

export type LedgerDeps = Omit<SettleTradeDeps, 'assets'>;

/** Whose money is where: for users, for other services, and for the modules that move it. */
export interface LedgerService {
  readonly assets: AssetBook;
  readonly wallets: Wallets;
  readonly funds: Funds;
  readonly external: ExternalFunds;
  readonly settleTrade: SettleTrade;
}

export function createLedgerService(deps: LedgerDeps): LedgerService {
  const assets = createAssetBook(deps);
  return {
    assets,
    wallets: createWallets({ ...deps, assets }),
    funds: createFunds(deps),
    external: createExternalFunds({ ...deps, assets }),
    settleTrade: createSettleTrade({ ...deps, assets }),
  };
}
