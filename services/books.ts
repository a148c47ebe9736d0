import type { Clock } from '../platform/clock.ts';
import type { Database } from '../storage/db.ts';
import { haltAssets, liftHalts } from '../storage/payments/halts.ts';
import { findWrongCrossings, findWrongLines, sumSent } from '../storage/payments/outside.ts';
import { listWithdrawalClaims } from '../storage/payments/withdrawals.ts';
import { listAmendClaims, listOrderClaims } from '../storage/trading/claims.ts';
import { findTrade, listOrderless, listTradedSymbols, listTradesAfter } from '../storage/trading/matching-trades.ts';
import type { Halts } from './ledger/break-cases.ts';
import { createReconciliation, type Reconcile } from './ledger/reconcile.ts';
import type { ReadStatement } from './ledger/statement.ts';

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  /** Left out: the books are compared with no custodian's statement. */
  readonly readStatement?: ReadStatement;
}

/** The full check of the books, told by each module what it knows of them. */
export const createBookCheck = (deps: Deps): Reconcile =>
  createReconciliation({
    readStatement: async () => undefined,
    ...deps,
    trades: { symbols: listTradedSymbols, listAfter: listTradesAfter, listOrderless, find: findTrade },
    claims: { order: listOrderClaims, amend: listAmendClaims, withdrawal: listWithdrawalClaims },
    outside: { wrongCrossings: findWrongCrossings, wrongLines: findWrongLines, sumSent },
  });

/** Breaks in the books halt withdrawals. */
export const withdrawalHalts: Halts = { halt: haltAssets, lift: liftHalts };
