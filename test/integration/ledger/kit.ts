import { DomainError } from '../../../domain/errors.ts';
import type { CommittedTrade } from '../../../domain/ledger/ledger.ts';
import { createIds, type NewId } from '../../../platform/ids.ts';
import { createLedgerService, type LedgerService } from '../../../services/ledger/ledger.ts';
import { createReconciliation, type Reconciliation } from '../../../services/ledger/reconcile.ts';
import type { Database } from '../../../storage/db.ts';
import { addAssets } from '../../../storage/ledger/assets.ts';
import { createTestDatabase } from '../../_support/database.ts';

export interface LedgerKit {
  readonly db: Database;
  readonly ledger: LedgerService;
  readonly newId: NewId;
  readonly now: () => Date;
  readonly advance: (ms: number) => void;
  /** The trades of our own matcher, in order of trade_seq. */
  readonly committed: CommittedTrade[];
  readonly reconcile: () => Promise<Reconciliation>;
  /** What orders need of their reservations: while it is empty, those of orders and withdrawals are not judged. */
  readonly needs: Map<string, string>;
  /** A new user who has these amounts. */
  readonly userWith: (balances: Readonly<Record<string, string>>) => Promise<string>;
  /** `available/reserved` of a user's asset. */
  readonly shown: (userId: string, asset: string) => Promise<string>;
  /** The house's balance of a kind. */
  readonly house: (kind: string, asset: string) => Promise<string>;
  readonly transfers: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The ledger over a database of its own, with BTC (8), ETH (18) and USDT (6), and a clock that tests move. */
export async function createLedgerKit(): Promise<LedgerKit> {
  const { db, drop } = await createTestDatabase();
  let moved = 0;
  const now = () => new Date(Date.now() + moved);
  const newId = createIds(now);
  const committed: CommittedTrade[] = [];
  const listAfter = async (_db: unknown, symbol: string, seq: number, limit: number) =>
    committed.filter((trade) => trade.symbol === symbol && trade.tradeSeq > seq).slice(0, limit);
  const findTrade = async (_db: unknown, id: string) => committed.find(({ tradeId }) => tradeId === id);
  const ledger = createLedgerService({ db, clock: now, newId, findTrade });
  await addAssets(db, [
    { asset: 'BTC', scale: 8, name: 'Bitcoin' },
    { asset: 'ETH', scale: 18, name: 'Ether' },
    { asset: 'USDT', scale: 6, name: 'Tether' },
  ]);
  const needs = new Map<string, string>();
  const none = async () => [];
  const claims = {
    order: async () => [...needs].map(([reservationId, amount]) => ({ reservationId, amount })),
    amend: none,
    withdrawal: none,
  };
  const symbols = async () => [...new Set(committed.map(({ symbol }) => symbol))];
  const trades = { symbols, listAfter, listOrderless: none, find: findTrade };
  const outside = { wrongCrossings: none, wrongLines: none, sumSent: none };
  const reconcile = createReconciliation({
    ...{ db, clock: now, trades, claims, outside },
    readStatement: async () => undefined,
  });
  return {
    db,
    ledger,
    newId,
    now,
    advance: (ms) => void (moved += ms),
    committed,
    needs,
    async reconcile() {
      const found = await reconcile();
      if (needs.size > 0) return found;
      return { ...found, breaks: found.breaks.filter(({ subject }) => !/^(order|withdrawal) /.test(subject)) };
    },
    async userWith(balances) {
      const userId = newId();
      for (const [asset, amount] of Object.entries(balances)) {
        await ledger.funds.creditDeposit(db, { id: newId(), amount, rail: 'test' }, { userId, asset });
      }
      return userId;
    },
    async shown(userId, asset) {
      const balance = (await ledger.wallets.balances(userId)).find((each) => each.asset === asset);
      return balance === undefined ? 'none' : `${balance.available}/${balance.reserved}`;
    },
    async house(kind, asset) {
      const row = await db.oneOrNone<{ balance: string }>(
        `SELECT trim_scale(balance)::text AS balance
           FROM ledger.accounts WHERE owner_id IS NULL AND kind = $1 AND asset = $2`,
        [kind, asset],
      );
      return row?.balance ?? 'none';
    },
    transfers: async () => Number((await db.one<{ count: string }>('SELECT count(*) FROM ledger.transfers')).count),
    close: drop,
  };
}

const codeOf = (error: unknown): string => (error instanceof DomainError ? error.code : String(error));

/** 'done', or the code of the refusal. */
export const outcomeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', codeOf);

/** What a new order reserves. */
export const order = (newId: NewId, userId: string, asset: string, amount: string) => ({
  reservationId: newId(),
  userId,
  asset,
  amount,
  reason: 'BUY_ORDER',
});
