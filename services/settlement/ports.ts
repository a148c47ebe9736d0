import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import type { Db } from '../../storage/db.ts';

/** The trades a matcher committed, as settlement reads them. */
export interface TradeSource {
  /** The trades of a market after a trade_seq, in order and without a gap, `limit` at most. */
  listAfter(db: Db, symbol: string, seq: number, limit: number): Promise<readonly CommittedTrade[]>;
  /** The newest trade_seq of a market; 0 before its first trade. */
  lastSeq(db: Db, symbol: string): Promise<number>;
}
