import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import type { Db } from '../../storage/db.ts';

/** The trades a matcher committed, as settlement reads them. */
export interface TradeSource {
  /** The trades of a market after a trade_seq, in order and without a gap, `limit` at most. */
  listAfter(db: Db, symbol: string, seq: number, limit: number): Promise<readonly CommittedTrade[]>;
  /** The newest trade_seq of a market; 0 before its first trade. */
  lastSeq(db: Db, symbol: string): Promise<number>;
}

/** The same, one by one, for those that could not be settled. */
export interface TradeDesk {
  find(db: Db, tradeId: string): Promise<CommittedTrade | undefined>;
  /** Lists a trade as taken back: it counts for no candle any more. False when there is no such trade. */
  bust(tx: Db, tradeId: string, at: Date): Promise<boolean>;
}
