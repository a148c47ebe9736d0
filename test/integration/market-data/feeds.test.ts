import test from 'ava';
import type { LevelChange } from '../../../domain/trading/feed.ts';
import type { TradesEvent } from '../../../services/market-data/events.ts';
import { loadBook } from '../../../storage/trading/depth.ts';
import { until } from '../../_support/until.ts';
import { createFollower } from './follower.ts';
import { createMarket, type Market, symbol } from './kit.ts';

const random = (below: number): number => Math.floor(Math.random() * below);

const randomChange = (): LevelChange => {
  const side = random(2) === 0 ? 'BUY' : 'SELL';
  const price = side === 'BUY' ? 100 - random(40) : 101 + random(40);
  return [side, String(price), random(3) === 0 ? '0' : `${1 + random(9)}.5`];
};

/** Ends the connections to this market's Redis database alone: other tests share the server. */
async function dropConnections({ redis }: Market): Promise<void> {
  const own = /\bdb=(\d+)/.exec(await redis.client('INFO'))?.[1] ?? 'none';
  const lines = String(await redis.client('LIST', 'TYPE', 'NORMAL')).split('\n');
  const ids = lines.flatMap((line) => (line.includes(` db=${own} `) ? (/^id=(\d+)/.exec(line)?.[1] ?? []) : []));
  await Promise.all(ids.map((id) => redis.client('KILL', 'ID', id, 'SKIPME', 'yes')));
}

async function withMarket(run: (market: Market) => Promise<void>): Promise<void> {
  const market = await createMarket();
  try {
    await run(market);
  } finally {
    await market.close();
  }
}

test('depth feed: random batches, the diffs rebuild the book that PostgreSQL and REST have', (t) =>
  withMarket(async (market) => {
    for (let count = 0; count < 10; count += 1) await market.publish(await market.commit([randomChange()]));
    const feeds = await market.open();
    const [early, late] = [createFollower(), createFollower()];
    feeds.followDepth(symbol, early.listen);
    for (let count = 0; count < 300; count += 1) {
      await market.publish(await market.commit([randomChange(), randomChange()], random(2)));
      if (count === 150) feeds.followDepth(symbol, late.listen);
    }
    for (const follower of [early, late]) {
      await until(() => follower.book.bookSeq === market.bookSeq);
      t.deepEqual(follower.faults, []);
    }
    t.true(early.seen.length > 2);
    const known = await feeds.depth(symbol, 0);
    const stored = createFollower();
    const { bookSeq, levels } = (await loadBook(market.db, symbol, 0)) ?? { bookSeq: -1, levels: [] };
    const of = (side: string) => levels.flatMap(([where, ...level]) => (where === side ? [level] : []));
    const data = { bids: of('BUY'), asks: of('SELL') };
    stored.listen({ type: 'snapshot', first_sequence: bookSeq, last_sequence: bookSeq, data });
    t.true(levels.length > 0);
    t.deepEqual(early.book, stored.book);
    t.deepEqual(late.book, stored.book);
    t.deepEqual({ ...known }, stored.book);
    const left = [...market.levels.values()].filter(([, , quantity]) => quantity !== '0');
    t.is(levels.length, left.length);
  }));

test('depth feed: two hundred updates, every hundredth with a checksum that fits', (t) =>
  withMarket(async (market) => {
    const feeds = await market.open();
    const follower = createFollower();
    feeds.followDepth(symbol, follower.listen);
    await until(() => follower.seen.length > 0);
    while (follower.seen.length < 205) {
      const before = follower.seen.length;
      await market.publish(await market.commit([randomChange()]));
      await until(() => follower.seen.length > before);
    }
    t.is(follower.checked, 2);
    t.deepEqual(follower.faults, []);
  }));

test('depth feed: an entry that never came, a reset to the book as it is', (t) =>
  withMarket(async (market) => {
    const feeds = await market.open();
    const follower = createFollower();
    feeds.followDepth(symbol, follower.listen);
    await market.publish(await market.commit([['BUY', '99', '1']]));
    await until(() => follower.book.bookSeq === 1);
    await market.commit([['SELL', '101', '2']]);
    await market.publish(await market.commit([['SELL', '102', '3']]));
    await until(() => follower.book.bookSeq === 3);
    t.is(follower.seen.at(-1)?.type, 'reset');
    t.deepEqual(follower.faults, []);
    t.deepEqual(
      follower.book.asks.map(({ price }) => price),
      ['101', '102'],
    );
  }));

test('depth feed: a matcher that starts, a reset', (t) =>
  withMarket(async (market) => {
    const feeds = await market.open();
    const follower = createFollower();
    feeds.followDepth(symbol, follower.listen);
    await until(() => follower.seen.length > 0);
    const before = follower.seen.length;
    await market.publish({ reset: 0 });
    await until(() => follower.seen.length > before);
    t.is(follower.seen.at(-1)?.type, 'reset');
  }));

test('depth feed: entries published after the snapshot that has them, not told again', (t) =>
  withMarket(async (market) => {
    const late = await market.commit([['BUY', '99', '1']], 1);
    const feeds = await market.open();
    const follower = createFollower();
    const trades: TradesEvent[] = [];
    feeds.followDepth(symbol, follower.listen);
    feeds.followTrades(symbol, (event) => trades.push(event));
    await until(() => follower.book.bookSeq === 1);
    await market.publish(late);
    await market.publish(await market.commit([['BUY', '98', '1']], 2));
    await until(() => follower.book.bookSeq === 2);
    t.deepEqual(follower.faults, []);
    t.deepEqual(
      trades.at(-1)?.data.map(({ trade_seq }) => trade_seq),
      [2, 3],
    );
    t.deepEqual(
      (await feeds.trades(symbol, 2)).map(({ trade_seq }) => trade_seq),
      [3, 2],
    );
  }));

test('depth feed: Redis loses every connection, the book goes on without a gap', (t) =>
  withMarket(async (market) => {
    const feeds = await market.open();
    const follower = createFollower();
    feeds.followDepth(symbol, follower.listen);
    await market.publish(await market.commit([['BUY', '99', '1']]));
    await until(() => follower.book.bookSeq === 1);
    await market.commit([['BUY', '98', '1']]);
    await dropConnections(market);
    await until(() => follower.book.bookSeq === 2);
    await market.publish(await market.commit([['BUY', '97', '1']]));
    await until(() => follower.book.bookSeq === 3);
    t.deepEqual(follower.faults, []);
  }));

test('depth: a market that does not exist, MARKET_NOT_FOUND', (t) =>
  withMarket(async (market) => {
    const feeds = await market.open();
    await t.throwsAsync(feeds.depth('NEVER/LISTED', 5), { code: 'MARKET_NOT_FOUND' });
    t.throws(() => feeds.followDepth('NEVER/LISTED', () => undefined), { code: 'MARKET_NOT_FOUND' });
  }));
