import { adjustmentOperations } from './adjustments.ts';
import { adminMarketOperations } from './admin-markets.ts';
import { authOperations } from './auth.ts';
import { cancelTimerOperations } from './cancel-timers.ts';
import { devCustomerOperations } from './dev.ts';
import { adminKycOperations, kycOperations } from './kyc.ts';
import { liabilityOperations } from './liabilities.ts';
import { marketDataOperations } from './market-data.ts';
import { marketOperations } from './markets.ts';
import { orderBatchOperations } from './order-batches.ts';
import { orderListOperations } from './order-lists.ts';
import { orderOperations } from './orders.ts';
import { userOperations } from './users.ts';
import { devWalletOperations, internalWalletOperations, walletOperations } from './wallets.ts';
import { withdrawalOperations } from './withdrawals.ts';

/** Every operation of the public door (8080), by its id. */
export const publicOperations = {
  ...authOperations,
  ...walletOperations,
  ...liabilityOperations,
  ...kycOperations,
  ...withdrawalOperations,
  ...marketOperations,
  ...orderBatchOperations,
  ...orderListOperations,
  ...cancelTimerOperations,
  ...orderOperations,
  ...marketDataOperations,
};

/** Every operation of the internal door (8081), by its id. */
export const internalOperations = {
  ...internalWalletOperations,
  ...adminKycOperations,
  ...adjustmentOperations,
  ...userOperations,
  ...adminMarketOperations,
};

/** Operations of the internal door that exist in development only. */
export const devOperations = { ...devWalletOperations, ...devCustomerOperations };
