import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Database, type Db, snapshot } from '../../storage/db.ts';
import {
  type AssetTotal,
  findUnposted,
  findWrongBalances,
  findWrongReserves,
  sumAssets,
} from '../../storage/ledger/reconcile.ts';
import { findProgress } from '../../storage/ledger/settlement.ts';

/** Something in the books that cannot be right. */
export interface Break {
  readonly check: 'zero-sum' | 'balances' | 'reservations' | 'trades';
  /** The asset, account, user or trade it is about. */
  readonly subject: string;
  readonly finding: string;
}

export interface Reconciliation {
  readonly assets: readonly AssetTotal[];
  readonly trades: number;
  readonly breaks: readonly Break[];
}

/** What the matchers committed. */
export interface TradeBook {
  symbols(db: Db): Promise<readonly string[]>;
  listAfter(db: Db, symbol: string, seq: number, limit: number): Promise<readonly CommittedTrade[]>;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly trades: TradeBook;
}

const pageSize = 5_000;
const settledWithinMs = 5 * 60_000;

/**
 * Checks the books in one snapshot, so that what moves meanwhile raises no alarm: every asset sums to zero, balances
 * are what transfers say, reserved is what reservations hold, and every trade is posted, parked, or younger than 5
 * minutes.
 */
export function createReconciliation(deps: Deps): () => Promise<Reconciliation> {
  const { db, trades } = deps;
  return () =>
    db.tx({ mode: snapshot, tag: 'reconcile' }, async (tx) => {
      const assets = await sumAssets(tx);
      const balances = await findWrongBalances(tx);
      const reserves = await findWrongReserves(tx);
      const markets = [];
      for (const symbol of await trades.symbols(tx)) markets.push(await checkTrades(deps, tx, symbol));
      const breaks: Break[] = [
        ...assets
          .filter(({ total }) => total !== '0')
          .map(({ asset, total }) => ({ check: 'zero-sum' as const, subject: asset, finding: `sums to ${total}` })),
        ...balances.map(({ accountId, asset, balance, moved }) => ({
          check: 'balances' as const,
          subject: `account ${accountId}`,
          finding: `holds ${balance} ${asset}, its transfers say ${moved}`,
        })),
        ...reserves.map(({ userId, asset, balance, held }) => ({
          check: 'reservations' as const,
          subject: `user ${userId}`,
          finding: `has ${balance} ${asset} reserved, reservations hold ${held}`,
        })),
        ...markets.flatMap((market) => market.breaks),
      ];
      return { assets, trades: markets.reduce((sum, { count }) => sum + count, 0), breaks };
    });
}

async function checkTrades(
  { clock, trades }: Deps,
  tx: Db,
  symbol: string,
): Promise<{ readonly count: number; readonly breaks: Break[] }> {
  const { settledSeq } = await findProgress(tx, symbol);
  const youngest = clock().getTime() - settledWithinMs;
  const breaks: Break[] = [];
  let seq = 0;
  for (;;) {
    const page = await trades.listAfter(tx, symbol, seq, pageSize);
    const unposted = new Set(
      await findUnposted(
        tx,
        page.map(({ tradeId }) => tradeId),
      ),
    );
    for (const { tradeId, tradeSeq, executedAt } of page) {
      seq += 1;
      if (tradeSeq !== seq) breaks.push({ check: 'trades', subject: tradeId, finding: `${symbol} lacks trade ${seq}` });
      seq = tradeSeq;
      const due = tradeSeq <= settledSeq || executedAt.getTime() < youngest;
      if (due && unposted.has(tradeId)) {
        breaks.push({ check: 'trades', subject: tradeId, finding: `${symbol} ${tradeSeq} is not posted` });
      }
    }
    if (page.length < pageSize) return { count: seq, breaks };
  }
}
