import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Database, type Db, snapshot } from '../../storage/db.ts';
import { useOneCore } from '../../storage/ledger/checks.ts';
import {
  type AssetTotal,
  findBrokenLinks,
  findWrongBalances,
  findWrongReserves,
  sumAssets,
  type WrongBalance,
} from '../../storage/ledger/reconcile.ts';
import { type Claims, findWrongHolds } from './reconcile-holds.ts';
import { compareStatement, findWrongCrossings, type OutsideBook, type StatementCheck } from './reconcile-outside.ts';
import { findWrongTrades } from './reconcile-trades.ts';
import type { ReadStatement } from './statement.ts';

/** What a full check looks at. */
export const checks = [
  'zero-sum',
  'balances',
  'transfers',
  'reservations',
  'crossings',
  'trades',
  'statement',
] as const;

/** Something in the books that cannot be right. */
export interface Break {
  readonly check: (typeof checks)[number] | 'edits';
  /** The asset, account, transfer, user, reservation, trade, deposit, withdrawal or transaction it is about. */
  readonly subject: string;
  /** Whose withdrawals it puts in doubt; none named: all. */
  readonly assets: readonly string[];
  readonly finding: string;
}

export interface Reconciliation {
  readonly assets: readonly AssetTotal[];
  readonly trades: number;
  /** Undefined: the custodian's statement could not be had, and says nothing for or against. */
  readonly statement: StatementCheck | undefined;
  readonly breaks: readonly Break[];
}

/** What the matchers committed. */
export interface TradeBook {
  symbols(db: Db): Promise<readonly string[]>;
  listAfter(db: Db, symbol: string, seq: number, limit: number): Promise<readonly CommittedTrade[]>;
  /** Those after trade_seq `after`, up to `upTo`, that name an order which is missing. */
  listOrderless(
    db: Db,
    symbol: string,
    after: number,
    upTo: number,
  ): Promise<readonly { readonly tradeId: string; readonly orderId: string }[]>;
  find(db: Db, tradeId: string): Promise<CommittedTrade | undefined>;
}

export interface ReconciliationDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly trades: TradeBook;
  readonly claims: Claims;
  readonly outside: OutsideBook;
  readonly readStatement: ReadStatement;
}

/** Checks all books; `over` ends it early, with its reason. */
export type Reconcile = (over?: AbortSignal) => Promise<Reconciliation>;

/**
 * Checks the books in one snapshot, so that what moves meanwhile raises no alarm: every asset sums to zero, balances
 * are what transfers say, those lead from one balance to the next, reserved is what reservations hold, each of those
 * holds what it is for, deposits and withdrawals have their transfers and those them, and every trade has its orders
 * and is posted as it was made, parked, or younger than 5 minutes. Then they are compared with the custodian's
 * statement, if he gives one.
 */
export function createReconciliation(deps: ReconciliationDeps): Reconcile {
  const finders = [
    findWrongAccounts,
    findWrongSums,
    findWrongHolds.bind(undefined, deps),
    findWrongCrossings.bind(undefined, deps),
  ];
  return async (over) => {
    // Before the snapshot: no transaction waits for the custodian.
    const statement = await deps.readStatement(over);
    return deps.db.tx({ mode: snapshot, tag: 'reconcile' }, async (tx) => {
      await useOneCore(tx);
      const assets = await sumAssets(tx);
      const breaks: Break[] = assets.filter(({ total }) => total !== '0').map(notZero);
      for (const find of finders) {
        over?.throwIfAborted();
        breaks.push(...(await find(tx)));
      }
      const trades = await findWrongTrades(deps, tx, over);
      const outside = statement && (await compareStatement(deps, tx, statement));
      return {
        assets,
        trades: trades.count,
        statement: outside?.compared,
        breaks: [...breaks, ...trades.breaks, ...(outside?.breaks ?? [])],
      };
    });
  };
}

const notZero = ({ asset, total }: AssetTotal): Break => ({
  check: 'zero-sum',
  subject: asset,
  assets: [asset],
  finding: `sums to ${total}`,
});

async function findWrongAccounts(tx: Db): Promise<readonly Break[]> {
  const accounts = await findWrongBalances(tx);
  const links = accounts.length === 0 ? [] : await findBrokenLinks(tx, [...new Set(accounts.map(idOf))]);
  const unsummed = accounts.filter(({ balance, moved }) => balance !== moved);
  // Of sums that agree, transfers are to blame; where none can be told, the account has to do.
  const unnamed = links.length > 0 ? [] : accounts.filter(({ balance, moved }) => balance === moved);
  return [
    ...unsummed.map(({ accountId, asset, balance, moved }) => ({
      check: 'balances' as const,
      subject: `account ${accountId}`,
      assets: [asset],
      finding: `holds ${balance} ${asset}, its transfers say ${moved}`,
    })),
    ...unnamed.map(({ accountId, asset }) => ({
      check: 'transfers' as const,
      subject: `account ${accountId}`,
      assets: [asset],
      finding: 'its transfers do not lead from one balance to the next',
    })),
    ...links.map(({ transferId, kind, amount, asset, journalId }) => ({
      check: 'transfers' as const,
      subject: `transfer ${transferId}`,
      assets: [asset],
      finding: `moves ${amount} ${asset} (${kind} of ${journalId}); it or its neighbour was changed, they do not join`,
    })),
  ];
}

const idOf = ({ accountId }: WrongBalance): string => accountId;

async function findWrongSums(tx: Db): Promise<readonly Break[]> {
  return (await findWrongReserves(tx)).map(({ userId, asset, balance, held }) => ({
    check: 'reservations',
    subject: `user ${userId}`,
    assets: [asset],
    finding: `has ${balance} ${asset} reserved, reservations hold ${held}`,
  }));
}
