import { z } from 'zod';
import { candleIntervals } from '../domain/trading/candle.ts';
import { Decimal, MarketSymbol, page, SymbolInPath, Timestamp, Uuid } from './common.ts';
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

/** Intervals without a trade have no candle. */
export const Candle = z
  .object({
    start: Timestamp.meta({ description: 'The first instant of the interval; days begin at 00:00 UTC' }),
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    volume: Decimal.meta({ description: 'In base' }),
    quote_volume: Decimal,
    trades: z.number().int().min(1),
    last_trade_seq: z.number().int().min(1).meta({ description: 'The trade_seq of the last trade in it' }),
  })
  .meta({ id: 'Candle' });

const SignedDecimal = z
  .string()
  .regex(/^-?(0|[1-9]\d*)(\.\d+)?$/)
  .meta({ id: 'SignedDecimal', description: 'A decimal as a string, with `-` in front when below zero' });

const sinceWindow = 'Since window_start; the last price when nothing was traded since';

export const Ticker = z
  .object({
    symbol: MarketSymbol,
    last_price: Decimal.nullable().meta({ description: 'Null before the first trade, as what follows from it is' }),
    open: Decimal.nullable().meta({ description: `The first price. ${sinceWindow}` }),
    high: Decimal.nullable().meta({ description: sinceWindow }),
    low: Decimal.nullable().meta({ description: sinceWindow }),
    volume: Decimal.meta({ description: 'In base, since window_start' }),
    quote_volume: Decimal,
    trades: z.number().int().min(0),
    change: SignedDecimal.nullable().meta({ description: 'last_price less open' }),
    change_percent: SignedDecimal.nullable().meta({ description: 'Of open, cut to four decimals' }),
    bid_price: Decimal.nullable().meta({ description: 'The best; null when nothing is bid' }),
    bid_quantity: Decimal.nullable(),
    ask_price: Decimal.nullable().meta({ description: 'The best; null when nothing is asked' }),
    ask_quantity: Decimal.nullable(),
    window_start: Timestamp.meta({ description: '24 hours ago, and up to a minute more: it moves by the minute' }),
    last_trade_seq: Sequence,
  })
  .meta({ id: 'Ticker' });

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

/** What the candles channel sends; in an update, the candles that changed, each as it is now. */
export const CandlesEvent = z.object({ ...feedEvent, data: z.array(Candle) });

/** What the ticker channel sends: each says all. */
export const TickerEvent = z.object({ ...feedEvent, data: Ticker });

/** What a stream of one market is asked for with. */
export const StreamRequest = z.strictObject({ symbol: SymbolInPath });

/** A whole number within limits; absent it is `otherwise`. */
const levels = z.coerce.number().int().min(0).max(1_000).default(100);

const candleCount = z.coerce.number().int().min(1).max(1_000).default(500);

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
  getTicker: operation({
    method: 'GET',
    path: '/markets/{symbol}/ticker',
    tag: 'markets',
    summary: 'The last 24 hours of a market, its last price and its best offers',
    access: 'none',
    params: z.strictObject({ symbol: SymbolInPath }),
    status: 200,
    reply: Ticker,
    refusals: ['MARKET_NOT_FOUND'],
  }),
  listTickers: operation({
    method: 'GET',
    path: '/tickers',
    tag: 'markets',
    summary: 'The ticker of every market, by symbol',
    access: 'none',
    status: 200,
    reply: page(Ticker),
  }),
  listCandles: operation({
    method: 'GET',
    path: '/markets/{symbol}/candles',
    tag: 'markets',
    summary: 'Candles as of the last trade, oldest first; intervals without a trade have none',
    access: 'none',
    params: z.strictObject({ symbol: SymbolInPath }),
    query: z.strictObject({
      interval: z.enum(candleIntervals),
      start: Timestamp.optional().meta({ description: 'The first that start here or later; absent: the newest' }),
      end: Timestamp.optional().meta({ description: 'Only those that start before' }),
      limit: candleCount.meta({ description: 'Candles a page, at most 1000' }),
      cursor: Timestamp.optional().meta({ description: 'next_cursor of the page before, instead of its start' }),
    }),
    status: 200,
    reply: page(Candle),
    refusals: ['MARKET_NOT_FOUND'],
  }),
};
