import test from 'ava';
import { candleIntervals, type CandleInterval, type PublicCandle } from '../../../domain/trading/candle.ts';
import { formatDecimal, parseDecimal } from '../../../domain/money.ts';
import type { PublicTicker } from '../../../domain/trading/ticker.ts';
import { systemClock } from '../../../platform/clock.ts';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { silentLogger } from '../../../platform/log.ts';
import type { CandlesEvent, TickerEvent } from '../../../services/market-data/events.ts';
import { type MarketDataFeeds, startMarketData } from '../../../services/market-data/market-data.ts';
import { bustTrade } from '../../../storage/trading/candles.ts';
import { until } from '../../_support/until.ts';
import { createMarket, type Market, symbol } from './kit.ts';
import { commitTrades, createRandom, type MadeTrade, makeTrades, naiveCandles } from './trades.ts';

const hour = 3_600_000;
const day = 24 * hour;

async function withMarket(run: (market: Market) => Promise<void>): Promise<void> {
  const market = await createMarket();
  try {
    await run(market);
  } finally {
    await market.close();
  }
}

/** Trades of the last two days, the last of them some minutes ago. */
const recentTrades = (count: number, seed: number): readonly MadeTrade[] => {
  const made = makeTrades(count, { seed });
  const shift = Date.now() - 200_000 - made.at(-1)!.at.getTime();
  const minutes = Math.floor(shift / 60_000) * 60_000;
  return made.map((trade) => ({ ...trade, at: new Date(trade.at.getTime() + minutes) }));
};

const entryOf = (trades: readonly MadeTrade[]) => ({
  first_sequence: 1,
  last_sequence: 0,
  changes: [],
  trades: trades.map(({ seq, price, quantity, quote, at }) => ({
    trade_id: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f',
    trade_seq: seq,
    price,
    quantity,
    quote_amount: quote,
    taker_side: 'BUY',
    executed_at: at.toISOString(),
  })),
});

/** A follower's own candles, and every fault its events showed. */
function followCandles(feeds: MarketDataFeeds, interval: CandleInterval) {
  let candles = new Map<string, PublicCandle>();
  const seen: CandlesEvent[] = [];
  const faults: string[] = [];
  feeds.followCandles(symbol, interval, (event) => {
    if (event.type !== 'update') candles = new Map();
    else if (event.first_sequence !== (seen.at(-1)?.last_sequence ?? -1) + 1) faults.push('gap');
    for (const candle of event.data) candles.set(candle.start, candle);
    if (event.data.at(-1)?.last_trade_seq !== event.last_sequence && event.last_sequence > 0) faults.push('sequence');
    seen.push(event);
  });
  return {
    seen,
    faults,
    get sequence() {
      return seen.at(-1)?.last_sequence ?? -1;
    },
    candles: () => [...candles.values()],
  };
}

const restCandles = (feeds: MarketDataFeeds, interval: CandleInterval) =>
  feeds.candles({ symbol, interval, first: undefined, before: undefined, limit: 1_000 });

test('ticker and candles: a trade is taken back, are told anew without it', (t) =>
  withMarket(async (market) => {
    await market.commit([], 2);
    const feeds = await market.open();
    const follower = followCandles(feeds, '1m');
    const tickers: TickerEvent[] = [];
    feeds.followTicker(symbol, (event) => tickers.push(event));
    await until(() => follower.seen.length > 0 && tickers.length > 0);
    await until(() => tickers.at(-1)?.data.trades === 2);
    const { trade_id } = await market.db.one<{ trade_id: string }>(
      'SELECT trade_id FROM trading.trades WHERE trade_seq = 2',
    );
    t.true(await bustTrade(market.db, trade_id, new Date()));
    const event = { id: market.newId(), version: 1, timestamp: new Date().toISOString(), trace_id: '0' };
    const told = (type: string, of: string) =>
      createStreamProducer({ redis: market.redis, maxLength: 100 }).publish('wallet.events', {
        ...{ ...event, type, metadata: { source: 'test' } },
        payload: { trade_id, symbol: of, trade_seq: 2, reason: 'test' },
      });
    await told('wallet.trade.parked', symbol);
    await told('wallet.trade.busted', 'ABC/XYZ');
    await told('wallet.trade.busted', symbol);
    await until(() => tickers.at(-1)?.data.trades === 1);
    t.like(tickers.at(-1), { type: 'reset', data: { volume: '1', last_trade_seq: 1 } });
    t.is(follower.seen.at(-1)?.type, 'reset');
    t.is(
      follower.candles().reduce((sum, { trades }) => sum + trades, 0),
      1,
    );
    t.is((await feeds.ticker(symbol)).trades, 1);
    await market.publish(await market.commit([], 1));
    await until(() => tickers.at(-1)?.data.trades === 2);
    t.deepEqual(follower.candles(), await restCandles(feeds, '1m'));
  }));

test('candles channel: trades in random batches, the candles of REST, told a few times a second', (t) =>
  withMarket(async (market) => {
    const trades = recentTrades(900, 21);
    await commitTrades(market.db, trades.slice(0, 100));
    const feeds = await market.open();
    const followers = candleIntervals.map((interval) => ({ interval, ...{ of: followCandles(feeds, interval) } }));
    const began = performance.now();
    const random = createRandom(22);
    let batches = 0;
    for (let from = 100; from < trades.length; batches += 1) {
      const batch = trades.slice(from, from + 1 + random(12));
      await commitTrades(market.db, batch);
      await market.publish(entryOf(batch));
      from += batch.length;
    }
    const late = followCandles(feeds, '5m');
    // Those that a feed does not keep are told before they go.
    const mostUpdates = (candles: number) => 2 + candles / 100 + (performance.now() - began) / 250;
    await until(() => [late, ...followers.map(({ of }) => of)].every(({ sequence }) => sequence === 900));
    for (const { interval, of } of followers) {
      t.deepEqual(of.faults, []);
      const shown = of.candles();
      t.true(shown.length > 0 && of.seen.length > 1 && of.seen.length <= mostUpdates(shown.length), interval);
      const stored = await restCandles(feeds, interval);
      t.deepEqual(shown, stored.slice(-shown.length));
      t.deepEqual(stored, naiveCandles(trades, interval).slice(-1_000));
    }
    t.deepEqual(late.candles(), (await restCandles(feeds, '5m')).slice(-late.candles().length));
    t.true(batches > 100);
  }));

test('candles channel: trades that were never published, a reset to the candles as they are', (t) =>
  withMarket(async (market) => {
    const trades = recentTrades(60, 23);
    const feeds = await market.open();
    const follower = followCandles(feeds, '1m');
    await commitTrades(market.db, trades.slice(0, 20));
    await market.publish(entryOf(trades.slice(0, 20)));
    await until(() => follower.sequence === 20);
    await commitTrades(market.db, trades.slice(20, 40));
    await commitTrades(market.db, trades.slice(40));
    await market.publish(entryOf(trades.slice(40)));
    await until(() => follower.sequence === 60);
    t.is(follower.seen.at(-1)?.type, 'reset');
    t.deepEqual(follower.faults, []);
    t.deepEqual(follower.candles(), naiveCandles(trades, '1m').slice(-100));
  }));

const sum = (amounts: readonly string[]): string =>
  formatDecimal(
    amounts.reduce((total, amount) => total + parseDecimal(amount, 18), 0n),
    18,
  );

/** A ticker's window, from the trades themselves. */
function naiveTicker(trades: readonly MadeTrade[], windowStart: string): Partial<PublicTicker> {
  const inside = trades.filter(({ at }) => at.getTime() >= Date.parse(windowStart));
  const prices = inside.map(({ price }) => parseDecimal(price, 18)).sort((a, b) => (a < b ? -1 : 1));
  const [open, close] = [inside[0]!.price, inside.at(-1)!.price];
  const change = parseDecimal(close, 18) - parseDecimal(open, 18);
  return {
    last_price: close,
    open,
    high: formatDecimal(prices.at(-1)!, 18),
    low: formatDecimal(prices[0]!, 18),
    volume: sum(inside.map(({ quantity }) => quantity)),
    quote_volume: sum(inside.map(({ quote }) => quote)),
    trades: inside.length,
    change: formatDecimal(change, 18),
    change_percent: String(Math.trunc((Number(change) / Number(parseDecimal(open, 18))) * 1_000_000) / 10_000),
    last_trade_seq: trades.at(-1)!.seq,
  };
}

test('ticker: trades of two days, those of the last 24 hours to the minute; the channel tells the same', (t) =>
  withMarket(async (market) => {
    const trades = recentTrades(1_200, 24);
    t.true(trades[0]!.at.getTime() < Date.now() - day - hour);
    await commitTrades(market.db, trades.slice(0, 1_000));
    const feeds = await market.open();
    const told: TickerEvent[] = [];
    feeds.followTicker(symbol, (event) => told.push(event));
    for (let from = 1_000; from < trades.length; from += 20) {
      await commitTrades(market.db, trades.slice(from, from + 20));
      await market.publish(entryOf(trades.slice(from, from + 20)));
    }
    await until(() => told.at(-1)?.last_sequence === 1_200);
    const ticker = await feeds.ticker(symbol);
    const behind = Date.now() - day - Date.parse(ticker.window_start);
    t.true(behind >= 0 && behind < 61_000 && Date.parse(ticker.window_start) % 60_000 === 0);
    t.like(ticker, naiveTicker(trades, ticker.window_start));
    t.true(ticker.trades < 1_200);
    const { window_start, ...rest } = told.at(-1)!.data;
    t.like(ticker, rest);
    t.deepEqual(await feeds.tickers(), [{ ...ticker, window_start }]);
    t.true(told.slice(1).every(({ type }) => type !== 'snapshot'));
  }));

test('ticker: time goes on without trades, they leave the window and the last price stays', (t) =>
  withMarket(async (market) => {
    const trades = recentTrades(300, 25);
    await commitTrades(market.db, trades);
    let now = Date.now();
    const feeds = await market.open(() => new Date(now));
    await until(async () => (await feeds.ticker(symbol)).trades > 0);
    const told: TickerEvent[] = [];
    feeds.followTicker(symbol, (event) => told.push(event));
    for (const hours of [1, 5, 12]) {
      now = Date.now() + hours * hour;
      const ticker = await feeds.ticker(symbol);
      t.like(ticker, naiveTicker(trades, ticker.window_start), String(hours));
    }
    now = Date.now() + 2 * day;
    const last = trades.at(-1)!.price;
    const flat = { last_price: last, open: last, high: last, low: last, change: '0', change_percent: '0' };
    t.like(await feeds.ticker(symbol), { ...flat, volume: '0', quote_volume: '0', trades: 0, last_trade_seq: 300 });
    await until(() => told.at(-1)?.data.trades === 0);
  }));

test('ticker: a market that never traded, nulls; its best offers as they come and go', (t) =>
  withMarket(async (market) => {
    const feeds = await market.open();
    const told: TickerEvent[] = [];
    feeds.followTicker(symbol, (event) => told.push(event));
    const none = { last_price: null, open: null, high: null, low: null, change: null, change_percent: null };
    const empty = { ...none, volume: '0', quote_volume: '0', trades: 0, last_trade_seq: 0 };
    const offers = (bid: readonly string[], ask: readonly string[]) => ({
      bid_price: bid[0] ?? null,
      bid_quantity: bid[1] ?? null,
      ask_price: ask[0] ?? null,
      ask_quantity: ask[1] ?? null,
    });
    t.like(await feeds.ticker(symbol), { symbol, ...empty, ...offers([], []) });
    await market.publish(await market.commit([['BUY', '99', '1']]));
    await until(() => told.at(-1)?.data.bid_price === '99');
    await market.publish(
      await market.commit([
        ['BUY', '99.5', '2.5'],
        ['SELL', '101', '3'],
      ]),
    );
    await until(() => told.at(-1)?.data.ask_price === '101');
    t.like(await feeds.ticker(symbol), { ...empty, ...offers(['99.5', '2.5'], ['101', '3']) });
    await market.publish(await market.commit([['SELL', '101', '0']]));
    await until(() => told.at(-1)?.data.ask_price === null);
    t.deepEqual(await restCandles(feeds, '1d'), []);
    t.like(followCandles(feeds, '1d').seen[0], { type: 'snapshot', last_sequence: 0, data: [] });
  }));

test('ticker: nothing is known in memory yet, from PostgreSQL; no such market, MARKET_NOT_FOUND', (t) =>
  withMarket(async ({ db, redis }) => {
    const trades = recentTrades(200, 26);
    await commitTrades(db, trades);
    const feeds = startMarketData({ db, redis, log: silentLogger, clock: systemClock });
    const [tickers, ticker] = await Promise.all([feeds.tickers(), feeds.ticker(symbol)]);
    t.like(ticker, naiveTicker(trades, ticker.window_start));
    t.deepEqual(tickers, [ticker]);
    await t.throwsAsync(feeds.ticker('NEVER/LISTED'), { code: 'MARKET_NOT_FOUND' });
    const page = { symbol: 'NEVER/LISTED', interval: '1m', first: undefined, before: undefined, limit: 5 } as const;
    await t.throwsAsync(feeds.candles(page), { code: 'MARKET_NOT_FOUND' });
    t.throws(() => feeds.followTicker('NEVER/LISTED', () => undefined), { code: 'MARKET_NOT_FOUND' });
    await feeds.stop();
  }));
