import type { marketDataOperations } from '../../contract/market-data.ts';
import type { Reply } from '../../contract/operation.ts';
import type { Level } from '../../domain/trading/depth.ts';
import type { BookView } from '../../services/market-data/depth-feed.ts';

export const presentDepth = (
  symbol: string,
  { bookSeq, bids, asks }: BookView,
): Reply<typeof marketDataOperations.getDepth> => ({
  symbol,
  book_seq: bookSeq,
  bids: bids.map(pair),
  asks: asks.map(pair),
});

const pair = ({ price, quantity }: Level): [string, string] => [price, quantity];
