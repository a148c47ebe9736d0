import type { PublicTrade } from '../../domain/trading/feed.ts';
import type { BookSnapshot } from '../../storage/trading/depth.ts';
import { createAudience, type FeedEventType, type Listener, type TradesEvent } from './events.ts';

/** One market's newest trades, and those who follow them. */
export interface TradesFeed {
  /** Begins anew from a snapshot; followers are told by `tellReset`. */
  load(snapshot: BookSnapshot): void;
  tellReset(): void;
  /** Takes in those trades that are new, and tells followers of them at once. */
  take(added: readonly PublicTrade[]): void;
  /** The newest trades, newest first. */
  last(limit: number): readonly PublicTrade[];
  snapshot(): TradesEvent;
  follow(listener: Listener<TradesEvent>): () => void;
}

export const keptTrades = 500;
const tradesInSnapshot = 50;

/** Makes a trades feed that knows of none. */
export function createTradesFeed(): TradesFeed {
  const audience = createAudience<TradesEvent>();
  let tradeSeq = 0;
  let trades: PublicTrade[] = [];

  const recent = (type: FeedEventType): TradesEvent => {
    const data = trades.slice(-tradesInSnapshot);
    return { type, first_sequence: data[0]?.trade_seq ?? tradeSeq, last_sequence: tradeSeq, data };
  };

  return {
    load(snapshot) {
      ({ tradeSeq } = snapshot);
      trades = [...snapshot.trades];
    },
    tellReset: () => audience.tell(recent('reset')),
    take(added) {
      const fresh = added.filter(({ trade_seq }) => trade_seq > tradeSeq);
      const [first, last] = [fresh[0], fresh.at(-1)];
      if (first === undefined || last === undefined) return;
      trades = [...trades, ...fresh].slice(-keptTrades);
      tradeSeq = last.trade_seq;
      audience.tell({
        type: 'update',
        first_sequence: first.trade_seq,
        last_sequence: last.trade_seq,
        data: fresh,
      });
    },
    last: (limit) => trades.slice(-limit).reverse(),
    snapshot: () => recent('snapshot'),
    follow: (listener) => audience.add(listener),
  };
}
