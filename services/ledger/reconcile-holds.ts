import { type CommittedTrade } from '../../domain/ledger/ledger.ts';
import { formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { Db } from '../../storage/db.ts';
import { listParkedTrades } from '../../storage/ledger/parked-trades.ts';
import { type Held, listHeld } from '../../storage/ledger/reconcile.ts';
import { findProgress } from '../../storage/ledger/settlement.ts';
import type { Break, ReconciliationDeps } from './reconcile.ts';

/** What a reservation has to hold by the words of whom it is for. */
export interface Claim {
  readonly reservationId: string;
  /** A decimal string; undefined: whatever it holds. */
  readonly amount: string | undefined;
}

/** All claims on reservations of a kind. What trades took that are not settled yet is not in them. */
export type ListClaims = (db: Db) => Promise<readonly Claim[]>;

export type Claims = Readonly<Record<'order' | 'amend' | 'withdrawal', ListClaims>>;

const pageSize = 5_000;
/** Breaks named at most of each kind. */
const limit = 100;
/** As the database counts: every asset's amounts are exact in it. */
const scale = 18;

/** Reservations that hold something else than the orders and withdrawals they are for need, or are for none. */
export async function findWrongHolds(deps: ReconciliationDeps, tx: Db): Promise<readonly Break[]> {
  const breaks: Break[] = [];
  for (const kind of ['order', 'amend', 'withdrawal'] as const) {
    const wanted = new Map<string, bigint | undefined>();
    for (const { reservationId, amount } of await deps.claims[kind](tx)) {
      wanted.set(reservationId, amount === undefined ? undefined : parseDecimal(amount, scale));
    }
    if (kind === 'order') for (const trade of await unsettledTrades(deps, tx)) claimFor(trade, wanted);
    breaks.push(...compare(kind, wanted, await listHeld(tx, kind)).slice(0, limit));
  }
  return breaks;
}

/** Committed trades that have not drawn on their reservations: not settled yet, or parked. */
async function unsettledTrades({ trades }: ReconciliationDeps, tx: Db): Promise<readonly CommittedTrade[]> {
  const found: CommittedTrade[] = [];
  for (const symbol of await trades.symbols(tx)) {
    let { settledSeq } = await findProgress(tx, symbol);
    let page: readonly CommittedTrade[];
    do {
      page = await trades.listAfter(tx, symbol, settledSeq, pageSize);
      found.push(...page);
      settledSeq = page.at(-1)?.tradeSeq ?? settledSeq;
    } while (page.length === pageSize);
  }
  for (const tradeId of await listParkedTrades(tx)) {
    const parked = await trades.find(tx, tradeId);
    if (parked !== undefined) found.push(parked);
  }
  return found;
}

function claimFor(trade: CommittedTrade, wanted: Map<string, bigint | undefined>): void {
  const { buyerReservationId, sellerReservationId, baseAmount, quoteAmount, buyerRelease } = trade;
  const add = (id: string, amount: string): void =>
    void wanted.set(id, (wanted.get(id) ?? 0n) + parseDecimal(amount, scale));
  add(buyerReservationId, quoteAmount);
  add(buyerReservationId, buyerRelease);
  add(sellerReservationId, baseAmount);
}

function compare(
  kind: keyof Claims,
  wanted: ReadonlyMap<string, bigint | undefined>,
  held: readonly Held[],
): readonly Break[] {
  const wrong = (id: string, assets: readonly string[], finding: string): Break => ({
    check: 'reservations',
    subject: `${kind} ${id}`,
    assets,
    finding,
  });
  const known = new Set(held.map(({ reservationId }) => reservationId));
  const missing = [...wanted].filter(([id, amount = 0n]) => amount !== 0n && !known.has(id));
  return [
    ...held.flatMap(({ reservationId, asset, remaining }) => {
      const amount = wanted.get(reservationId);
      if (amount === undefined && wanted.has(reservationId)) return [];
      if (amount === parseDecimal(remaining, scale)) return [];
      const needs = formatDecimal(amount ?? 0n, scale);
      return [wrong(reservationId, [asset], `has ${remaining} ${asset} reserved and needs ${needs}`)];
    }),
    ...missing.map(([id, amount = 0n]) =>
      wrong(id, [], `has nothing reserved and needs ${formatDecimal(amount, scale)}`),
    ),
  ];
}
