import pgPromise from 'pg-promise';
import type { Db } from '../db.ts';

/** What a batch did to one market. Amounts are decimal strings. */
export interface MarketCommit {
  readonly symbol: string;
  readonly epoch: number;
  /** The batch before this one. */
  readonly batch: number;
  readonly tradeSeq: number;
  readonly bookSeq: number;
  readonly stopSeq: number;
  /** The last entry of the command stream that is taken in with this batch. */
  readonly streamId: string;
  readonly hash: string;
  /** Undefined while the market has had no trade. */
  readonly lastPrice: string | undefined;
  /** Of the market's rules that are in force after it. */
  readonly version: number;
  /** JSON. */
  readonly inputs: string;
  readonly events: string;
  readonly orders: readonly OrderChange[];
  /** New terms of orders that are among those above. */
  readonly amends: readonly AmendRow[];
  readonly trades: readonly TradeRow[];
  readonly prevented: readonly PreventedRow[];
  /** Of amends that were done, before anything is released. */
  readonly merges: readonly MergeRow[];
  readonly releases: readonly ReleaseRow[];
  readonly outcomes: readonly CommandOutcome[];
}

export interface OrderChange {
  readonly orderId: string;
  readonly status: string;
  readonly filled: string;
  readonly executed: string;
  readonly prevented: string;
  /** What this batch adds. */
  readonly fee: string;
  /** Undefined when the order has never come to rest. */
  readonly prioritySeq: number | undefined;
  /** Undefined when the order does not wait as a stop. */
  readonly stopSeq: number | undefined;
  /** True when it is a stop that this batch triggered. */
  readonly isTriggered: boolean;
  readonly reason: string | undefined;
}

/** An order takes those that its kind has. */
export interface AmendRow {
  readonly order_id: string;
  readonly quantity: string;
  /** Of a STOP its protection price. */
  readonly limit: string;
  readonly stop_price: string;
  readonly reserve_price: string;
}

/** An amend whose funds join its order's reservation. */
export interface MergeRow {
  readonly commandId: string;
  readonly orderId: string;
}

export interface TradeRow {
  readonly tradeId: string;
  readonly tradeSeq: number;
  readonly buyerOrderId: string;
  readonly sellerOrderId: string;
  readonly buyerUserId: string;
  readonly sellerUserId: string;
  readonly price: string;
  readonly quantity: string;
  readonly quote: string;
  readonly buyerFee: string;
  readonly sellerFee: string;
  readonly buyerRelease: string;
  readonly isBuyerMaker: boolean;
  /** The order lists whose reservations it draws on; undefined: the order's own. */
  readonly buyerListId: string | undefined;
  readonly sellerListId: string | undefined;
}

/** Two orders of one user that would have traded. Both are among the batch's orders. */
export interface PreventedRow {
  readonly preventedMatchId: string;
  readonly makerOrderId: string;
  readonly takerOrderId: string;
  readonly price: string;
  readonly quantity: string;
}

export interface ReleaseRow {
  readonly transferId: string;
  /** An order, an order list, or an amend that was refused. */
  readonly reservationId: string;
  readonly amount: string;
  readonly reason: string;
}

export interface CommandOutcome {
  readonly commandId: string;
  readonly outcome: string;
}

/** The epoch, batch or trade sequence of a market is not what the commit was made for. */
const fencedCode = 'MF001';

export const isFenced = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === fencedCode;

const parameters = 54;
const places = Array.from({ length: parameters }, (_, index) => `$${index + 1}`).join(', ');
const text = `SELECT trading.commit_batch(${places})`;

type Plain = string | number | boolean | undefined;

/** An array in PostgreSQL's notation, of values that need no quotes: ids, numbers, names in capitals. */
const plain = <T>(rows: readonly T[], value: (row: T) => Plain): string =>
  `{${rows.map((row) => value(row) ?? 'NULL').join(',')}}`;

/**
 * Commits one batch of all these markets, or nothing: fence, journal, orders, trades, command outcomes, released funds
 * and sequences, in one statement. See migration 0007 for what it raises and locks. Not to be called in a transaction.
 */
export async function commitBatch(
  db: Db,
  at: Date,
  engineVersion: number,
  markets: readonly MarketCommit[],
): Promise<void> {
  const orders = markets.flatMap((market) => market.orders);
  const trades = markets.flatMap((market) => market.trades);
  const prevented = markets.flatMap((market) => market.prevented);
  const releases = markets.flatMap((market) => market.releases);
  const outcomes = markets.flatMap((market) => market.outcomes);
  const amends = markets.flatMap((market) => market.amends);
  const merges = markets.flatMap((market) => market.merges);
  const values: unknown[] = [
    at,
    engineVersion,
    markets.map(({ symbol }) => symbol),
    plain(markets, ({ epoch }) => epoch),
    plain(markets, ({ batch }) => batch),
    plain(markets, ({ tradeSeq }) => tradeSeq),
    plain(markets, ({ bookSeq }) => bookSeq),
    plain(markets, ({ stopSeq }) => stopSeq),
    plain(markets, ({ streamId }) => streamId),
    plain(markets, ({ hash }) => hash),
    plain(markets, ({ lastPrice }) => lastPrice),
    plain(markets, ({ version }) => version),
    markets.map(({ inputs }) => inputs),
    markets.map(({ events }) => events),
    plain(orders, ({ orderId }) => orderId),
    plain(orders, ({ status }) => status),
    plain(orders, ({ filled }) => filled),
    plain(orders, ({ executed }) => executed),
    plain(orders, ({ prevented }) => prevented),
    plain(orders, ({ fee }) => fee),
    plain(orders, ({ prioritySeq }) => prioritySeq),
    plain(orders, ({ stopSeq }) => stopSeq),
    plain(orders, ({ isTriggered }) => isTriggered),
    plain(orders, ({ reason }) => reason),
    ...tradeColumns(markets, trades),
    plain(prevented, ({ preventedMatchId }) => preventedMatchId),
    plain(prevented, ({ makerOrderId }) => makerOrderId),
    plain(prevented, ({ takerOrderId }) => takerOrderId),
    plain(prevented, ({ price }) => price),
    plain(prevented, ({ quantity }) => quantity),
    plain(releases, ({ transferId }) => transferId),
    plain(releases, ({ reservationId }) => reservationId),
    plain(releases, ({ amount }) => amount),
    plain(releases, ({ reason }) => reason),
    plain(outcomes, ({ commandId }) => commandId),
    plain(outcomes, ({ outcome }) => outcome),
    amends.length === 0 ? null : JSON.stringify(amends),
    plain(merges, ({ commandId }) => commandId),
    plain(merges, ({ orderId }) => orderId),
  ];
  await db.any(new pgPromise.PreparedStatement({ name: 'commit-batch', text, values }));
}

const tradeColumns = (markets: readonly MarketCommit[], trades: readonly TradeRow[]): unknown[] => [
  plain(trades, ({ tradeId }) => tradeId),
  markets.flatMap(({ symbol, trades: own }) => own.map(() => symbol)),
  plain(trades, ({ tradeSeq }) => tradeSeq),
  plain(trades, ({ buyerOrderId }) => buyerOrderId),
  plain(trades, ({ sellerOrderId }) => sellerOrderId),
  plain(trades, ({ buyerUserId }) => buyerUserId),
  plain(trades, ({ sellerUserId }) => sellerUserId),
  plain(trades, ({ price }) => price),
  plain(trades, ({ quantity }) => quantity),
  plain(trades, ({ quote }) => quote),
  plain(trades, ({ buyerFee }) => buyerFee),
  plain(trades, ({ sellerFee }) => sellerFee),
  plain(trades, ({ buyerRelease }) => buyerRelease),
  plain(trades, ({ isBuyerMaker }) => isBuyerMaker),
  plain(trades, ({ buyerListId }) => buyerListId),
  plain(trades, ({ sellerListId }) => sellerListId),
];
