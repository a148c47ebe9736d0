import { invariant } from '../errors.ts';

/** What a reservation is for. `external` ones belong to services that call the wallet API; see the ledger's spec. */
export type ReservationKind = 'order' | 'withdrawal' | 'external';

export const transferKinds = [
  'RESERVE',
  'RELEASE',
  'TRADE_BUY',
  'TRADE_SELL',
  'FEE',
  'DEPOSIT',
  'WITHDRAWAL',
  'ADJUSTMENT',
  'BUST',
] as const;

export type TransferKind = (typeof transferKinds)[number];

/** The other side of a transfer, as a user may know it: which user it is, she may not. */
export const counterAccounts = [
  'available',
  'reserved',
  'user',
  'fees',
  'clearing',
  'suspense',
  'treasury_hot',
  'treasury_cold',
  'rounding',
] as const;

export type CounterAccount = (typeof counterAccounts)[number];

/** What one user has of one asset, as decimal strings. */
export interface Balance {
  readonly asset: string;
  /** May be spent. */
  readonly available: string;
  /** Set aside for orders and withdrawals. */
  readonly reserved: string;
}

/** A trade as it was committed: it carries every amount to post (decimal strings), so settlement computes nothing. */
export interface CommittedTrade {
  readonly tradeId: string;
  readonly symbol: string;
  /** Gapless per symbol, from 1. */
  readonly tradeSeq: number;
  readonly buyerUserId: string;
  readonly sellerUserId: string;
  readonly buyerOrderId: string;
  readonly sellerOrderId: string;
  /** The reservations it draws on: the orders', or those of the order lists they are legs of. */
  readonly buyerReservationId: string;
  readonly sellerReservationId: string;
  readonly baseAmount: string;
  readonly quoteAmount: string;
  /** In base. */
  readonly buyerFee: string;
  /** In quote. */
  readonly sellerFee: string;
  /** Quote that the buyer had reserved for this quantity beyond its price. */
  readonly buyerRelease: string;
  readonly executedAt: Date;
}

/** The transfers of a trade, withdrawal, deposit or adjustment: the number is the last hex digit of the id. */
export const legs = {
  reserve: 1,
  deposit: 1,
  adjustment: 1,
  tradeBuy: 1,
  tradeSell: 2,
  buyerFee: 3,
  sellerFee: 4,
  buyerRelease: 5,
  bustBuy: 14,
  bustSell: 15,
} as const;

/** The id of the transfer that is leg `leg` (1 to 15) of the journal `id`. */
export const legId = (id: string, leg: number): string => id.slice(0, -1) + leg.toString(16);

/** The base and the quote asset of a symbol such as BTC/USDT. */
export function assetsOf(symbol: string): { readonly base: string; readonly quote: string } {
  const [base, quote, ...rest] = symbol.split('/');
  invariant(base !== undefined && quote !== undefined && rest.length === 0, `${symbol} is a symbol`);
  return { base, quote };
}
