import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PlacedOrder, commandStream } from '../../domain/trading/command.ts';
import { marketField, marketStream } from '../../domain/trading/feed.ts';
import type { openRedis } from '../../platform/redis.ts';
import type { Database } from '../../storage/db.ts';
import { orderOf, sendOrders, storeOrders, type Wish } from '../../test/integration/matcher/wishes.ts';
import { createRandom } from './random.ts';

type Redis = ReturnType<typeof openRedis>;

export interface Stand {
  readonly db: Database;
  readonly redis: Redis;
  readonly users: readonly string[];
}

/** Seconds until all of a run are committed, and until all are published. */
export interface StagedRun {
  readonly committed: number;
  readonly published: number;
}

const storedAtOnce = 500;

/** Pairs: an order that rests near the middle, and one of another user that takes it or what is better. */
export function crossingWishes(count: number, users: readonly string[], seed: number): Wish[] {
  const random = createRandom(seed);
  const half = users.length / 2;
  return Array.from({ length: count / 2 }, () => {
    const side = random.below(2) === 0 ? 'BUY' : 'SELL';
    const away = 1 + random.below(50);
    const pair = { ticks: side === 'BUY' ? 10_000 - away : 10_000 + away, lots: 1 + random.below(20) };
    const [maker, taker] = [users[random.below(half)], users[half + random.below(half)]];
    assert(maker !== undefined && taker !== undefined);
    return [
      { ...pair, side, user: maker },
      { ...pair, side: side === 'BUY' ? 'SELL' : 'BUY', user: taker },
    ] satisfies Wish[];
  }).flat();
}

const stagingOf = (symbol: string): string => `${commandStream(symbol)}:staging`;

/** Commits orders and puts them into a stream beside the matcher's. Answers the last entry's id. */
async function stage({ db, redis, users }: Stand, symbol: string, count: number, seed: number): Promise<string> {
  const staging = stagingOf(symbol);
  const orders = crossingWishes(count, users, seed).map((wish): PlacedOrder => orderOf(wish, users));
  for (let from = 0; from < count; from += storedAtOnce) {
    const page = orders.slice(from, from + storedAtOnce);
    await storeOrders(db, page, symbol);
    await sendOrders(redis, page, staging);
  }
  const [[id] = ['']] = await redis.xrevrange(staging, '+', '-', 'COUNT', 1);
  return id;
}

/** The book's sequence that is published. */
async function publishedSequence(redis: Redis, symbol: string): Promise<string> {
  const [[, fields] = ['', []]] = await redis.xrevrange(marketStream(symbol), '+', '-', 'COUNT', 1);
  const entry = JSON.parse(fields[fields.indexOf(marketField) + 1] ?? '{}') as Record<string, unknown>;
  return String(entry['last_sequence']);
}

interface Committed {
  readonly symbol: string;
  readonly last_stream_id: string;
  readonly book_seq: string;
}

const listCommitted = (db: Database, symbols: readonly string[]): Promise<readonly Committed[]> =>
  db.many<Committed>(
    'SELECT symbol, last_stream_id, book_seq FROM trading.market_state WHERE symbol = ANY ($<symbols>)',
    { symbols },
  );

/**
 * Runs `count` orders, as many for each market, half of them crossing the other half: committed with their reservations
 * beforehand, they appear in the markets' streams all at once.
 */
export async function runStaged(
  stand: Stand,
  symbols: readonly string[],
  count: number,
  seed: number,
): Promise<StagedRun> {
  const { db, redis } = stand;
  const last = new Map<string, string>();
  for (const [index, symbol] of symbols.entries()) {
    last.set(symbol, await stage(stand, symbol, count / symbols.length, seed * 1_000 + index));
  }
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1_000;
  const renaming = redis.multi();
  for (const symbol of symbols) renaming.rename(stagingOf(symbol), commandStream(symbol));
  await renaming.exec();
  let states = await listCommitted(db, symbols);
  while (states.some(({ symbol, last_stream_id }) => last_stream_id !== last.get(symbol))) {
    await sleep(5);
    states = await listCommitted(db, symbols);
  }
  const committed = elapsed();
  for (const { symbol, book_seq } of states) {
    while ((await publishedSequence(redis, symbol)) !== book_seq) await sleep(5);
  }
  return { committed, published: elapsed() };
}
