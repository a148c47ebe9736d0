import { z } from 'zod';
import { Decimal, MarketSymbol, SymbolInPath, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';

const PriceLevel = z.tuple([Decimal, Decimal]).meta({ id: 'PriceLevel', description: '[price, quantity]' });

const Sequence = z.number().int().min(0);

export const Depth = z
  .object({
    symbol: MarketSymbol,
    book_seq: Sequence.meta({ description: 'The change of the book that this state follows; gapless' }),
    bids: z.array(PriceLevel).meta({ description: 'Best first' }),
    asks: z.array(PriceLevel).meta({ description: 'Best first' }),
  })
  .meta({ id: 'Depth' });

export const PublicTrade = z
  .object({
    trade_id: Uuid,
    trade_seq: z.number().int().min(1).meta({ description: 'Gapless within the market' }),
    price: Decimal,
    quantity: Decimal,
    quote_amount: Decimal,
    taker_side: z.enum(['BUY', 'SELL']),
    executed_at: Timestamp,
  })
  .meta({ id: 'PublicTrade' });

const feedEvent = {
  type: z.enum(['snapshot', 'update', 'reset']),
  first_sequence: Sequence,
  last_sequence: Sequence,
};

/** What the depth channel and StreamDepth send. */
export const DepthEvent = z.object({
  ...feedEvent,
  crc32: z.number().int().min(0).optional(),
  data: z.object({ bids: z.array(PriceLevel), asks: z.array(PriceLevel) }),
});

/** What the trades channel and StreamTrades send. */
export const TradesEvent = z.object({ ...feedEvent, data: z.array(PublicTrade) });

/** What a stream of one market is asked for with. */
export const StreamRequest = z.strictObject({ symbol: SymbolInPath });

/** A whole number within limits; absent it is `otherwise`. */
const levels = z.coerce.number().int().min(0).max(1_000).default(100);

export const marketDataOperations = {
  getDepth: operation({
    method: 'GET',
    path: '/markets/{symbol}/depth',
    tag: 'markets',
    summary: 'What rests in the book, by price',
    access: 'none',
    params: z.strictObject({ symbol: SymbolInPath }),
    query: z.strictObject({ limit: levels.meta({ description: 'Levels a side, at most 1000; 0 is the whole book' }) }),
    status: 200,
    reply: Depth,
    refusals: ['MARKET_NOT_FOUND'],
  }),
  listMarketTrades: operation({
    method: 'GET',
    path: '/markets/{symbol}/trades',
    tag: 'markets',
    summary: 'The newest trades of a market, newest first',
    access: 'none',
    params: z.strictObject({ symbol: SymbolInPath }),
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: 'Trades, at most 500' }),
    }),
    status: 200,
    reply: z.object({ items: z.array(PublicTrade), next_cursor: z.null() }),
    refusals: ['MARKET_NOT_FOUND'],
  }),
};
