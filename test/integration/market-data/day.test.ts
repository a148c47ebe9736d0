import test from 'ava';
import { type CandleInterval, candleIntervals, type PublicCandle } from '../../../domain/trading/candle.ts';
import type { PlacedOrder } from '../../../domain/trading/command.ts';
import { formatDecimal, parseDecimal } from '../../../domain/money.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createCandleFolder } from '../../../services/market-data/candle-folder.ts';
import { loadBook } from '../../../storage/trading/depth.ts';
import { until } from '../../_support/until.ts';
import { symbol } from '../matcher/market.ts';
import type { Wish } from '../matcher/wishes.ts';
import { type Day, openDay } from './day.ts';
import { createFollower } from './follower.ts';
import { createRandom, naiveCandles } from './trades.ts';

const dayMs = 86_400_000;
/** Yesterday: its partitions are not made ahead, so its trades come to lie in DEFAULT. */
const midnight = Math.floor(Date.now() / dayMs) * dayMs - dayMs;
const steps = Number(process.env['DAY_STEPS'] ?? 240);
const seed = Number(process.env['DAY_SEED'] ?? 1);

/** Orders of every kind around a price that wanders; some end with the day. */
function wishesAround(middle: number, random: (below: number) => number): Wish[] {
  return Array.from({ length: 6 + random(10) }, (): Wish => {
    const side = random(2) === 0 ? 'BUY' : 'SELL';
    const better = side === 'BUY' ? 1 : -1;
    const lots = 1 + random(400);
    const ticks = middle - better * (random(120) - 30);
    switch (random(10)) {
      case 0:
        return { side, orderType: 'MARKET', lots, ticks: middle + better * 300 };
      case 1:
        return { side, lots, ticks, timeInForce: random(2) === 0 ? 'IOC' : 'FOK' };
      case 2:
        return { side, orderType: 'STOP_LIMIT', lots, stopTicks: middle + better * (20 + random(60)), ticks };
      case 3:
        return { side, lots, ticks, expiresAt: midnight + dayMs };
      default:
        return { side, lots, ticks };
    }
  });
}

/** The engine's own levels, as feeds tell them. */
const levelsOf = ({ book }: Day) => {
  const { bids, asks } = book.depth(100_000);
  const written = (levels: typeof bids) =>
    levels.map(({ priceTicks, lots }) => ({
      price: formatDecimal(BigInt(priceTicks), 2),
      quantity: formatDecimal(BigInt(lots), 4),
    }));
  return { bookSeq: book.bookSeq, bids: written(bids), asks: written(asks) };
};

/** What PostgreSQL says rests, as one who begins with it has it. */
async function storedBook({ db }: Day) {
  const { bookSeq, levels } = (await loadBook(db, symbol, 0)) ?? { bookSeq: -1, levels: [] };
  const of = (side: string) => levels.flatMap(([where, ...level]) => (where === side ? [level] : []));
  const reader = createFollower();
  const data = { bids: of('BUY'), asks: of('SELL') };
  reader.listen({ type: 'snapshot', first_sequence: bookSeq, last_sequence: bookSeq, data });
  return reader.book;
}

/** Candles as a client keeps them: each that it is told is in the place of the one with its start. */
function createChart() {
  const candles = new Map<string, PublicCandle>();
  return {
    listen: ({ data }: { readonly data: readonly PublicCandle[] }) => {
      for (const candle of data) candles.set(candle.start, candle);
    },
    since: (start: string) => [...candles.values()].filter((candle) => candle.start >= start),
  };
}

test('a day: random trading from midnight to midnight, books and candles are those of its trades', async (t) => {
  const day = await openDay(t, midnight);
  const { db, feeds } = day;
  const random = createRandom(seed);
  const follower = createFollower();
  const chart = createChart();
  await until(async () => tryFollow());
  const folder = createCandleFolder({ db, log: silentLogger, stepTrades: 200 });
  const open: PlacedOrder[] = [];
  let middle = 10_000;

  function tryFollow(): boolean {
    try {
      feeds.followDepth(symbol, follower.listen);
      feeds.followCandles(symbol, '1m', chart.listen);
      return true;
    } catch {
      return false;
    }
  }

  for (let step = 0; step < steps; step += 1) {
    // Steps at instants that begin or end an interval, and others.
    const at = midnight + Math.floor((step * dayMs) / steps);
    day.setClock(random(4) === 0 ? at - (at % 60_000) + 59_999 : at + random(50_000));
    middle = Math.max(2_000, middle + random(61) - 30);
    const cancels = Array.from({ length: Math.min(open.length, random(4)) }, () => {
      const [chosen] = open.splice(random(open.length), 1);
      return chosen!;
    });
    open.push(...(await day.trade(wishesAround(middle, random), cancels)));
    if (random(3) === 0) await folder.foldOnce();
    await until(() => follower.book.bookSeq === day.book.bookSeq, 5_000);
    t.deepEqual(follower.book, levelsOf(day), `step ${step}: the diffs give the engine's book`);
    if (step % 10 === 0) t.deepEqual(follower.book, await storedBook(day), `step ${step}: and PostgreSQL's`);
  }

  // The first command of the next day ends what was for this one.
  day.setClock(midnight + dayMs);
  await day.trade([{ side: 'BUY', ticks: 100, lots: 1 }], []);
  await until(() => follower.book.bookSeq === day.book.bookSeq, 5_000);
  t.deepEqual(follower.book, await storedBook(day));
  t.deepEqual(follower.faults, []);
  t.true(follower.checked > 0, 'checksums came, and fitted');
  const { over } = await db.one<{ over: number }>(
    `SELECT count(*)::int AS over FROM trading.orders WHERE reason = 'DAY_END'`,
  );
  t.true(over > 10, 'orders ended with the day');

  const trades = await day.trades();
  t.true(trades.length > steps, `${trades.length} trades`);
  const shown = async (interval: CandleInterval) =>
    feeds.candles({ symbol, interval, first: undefined, before: undefined, limit: 100_000 });
  for (const interval of candleIntervals) t.deepEqual(await shown(interval), naiveCandles(trades, interval), interval);
  while (await folder.foldOnce());
  for (const interval of candleIntervals) t.deepEqual(await shown(interval), naiveCandles(trades, interval), interval);
  const [first] = naiveCandles(trades, '1m');
  await until(() => chart.since(first!.start).at(-1)?.last_trade_seq === trades.length, 5_000);
  t.deepEqual(chart.since(first!.start), naiveCandles(trades, '1m'), 'live candles');

  const ticker = await feeds.ticker(symbol);
  const within = trades.filter(({ at }) => at.getTime() > midnight);
  const volume = within.reduce((sum, { quantity }) => sum + parseDecimal(quantity, 4), 0n);
  t.is(parseDecimal(ticker.volume, 4), volume);
  t.is(ticker.last_price, trades.at(-1)!.price);
});
