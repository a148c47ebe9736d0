import { invariant } from '../domain/errors.ts';
import type { PlacedOrder } from '../domain/trading/command.ts';
import type { Steps } from '../domain/trading/steps.ts';
import type { Db } from '../storage/db.ts';
import { listAssets } from '../storage/ledger/assets.ts';
import { readJournal } from '../storage/trading/matching-journal.ts';
import type { MarketLease } from '../storage/trading/matching-leases.ts';
import {
  loadCancelAlls,
  loadFirstLimits,
  loadOpenOrders,
  loadSteps,
  loadStoredMarket,
  type StoredMarket,
} from '../storage/trading/matching-state.ts';
import { createBook, engineVersion } from './engine/book.ts';
import type { JournalEvents } from './journal.ts';
import { MatcherEnd } from './leases.ts';
import { createRecentIds, type Market } from './market.ts';
import type { OrderFacts } from './recorder.ts';
import { createUnits } from './units.ts';

/** Orders older than that when they arrive were placed long before a cancel-all could overtake them. */
const cancelAllsForMs = 3_600_000;

/**
 * Builds a market's book from what its last commit left. Throws when the open orders do not give the hash that this
 * version of the engine committed (the market must not be served), and MatcherEnd when another process holds it by now.
 */
export async function loadMarket(db: Db, lease: MarketLease, now: () => number): Promise<Market> {
  const { symbol } = lease;
  const stored = await loadStoredMarket(db, symbol);
  if (stored.epoch !== lease.epoch) throw new MatcherEnd(`${symbol} was taken over`);
  const [{ orders, stops }, cancelledBefore, unitsOf, steps, [lastRow]] = await Promise.all([
    loadOpenOrders(db, symbol),
    loadCancelAlls(db, symbol, new Date(now() - cancelAllsForMs)),
    loadUnits(db, stored),
    loadSteps(db, symbol, stored.version),
    readJournal(db, symbol, stored.batch - 1, 1),
  ]);
  const { status, minTicks, maxTicks, minLots, maxLots, bookSeq, tradeSeq, stopSeq, lastTicks } = stored;
  const book = createBook({ status, minTicks, maxTicks, minLots, maxLots });
  const { x: dying = [] } = (lastRow?.events ?? {}) as Partial<JournalEvents>;
  book.restore({ orders, stops, dying, stopSeq, bookSeq, tradeSeq, lastTicks, cancelledBefore });
  // Another version of the engine wrote another hash for the same orders: that one cannot be checked.
  const isOwnHash = stored.hash !== null && lastRow?.engineVersion === engineVersion;
  invariant(!isOwnHash || book.hash() === stored.hash, `the open orders of ${symbol} are those of its state`);
  return {
    symbol,
    lease,
    book,
    ...countingIn(steps, unitsOf),
    terms: new Map([...orders, ...stops].map(factsOf)),
    recent: createRecentIds(now),
    version: stored.version,
    batch: stored.batch,
    time: stored.batchTime,
    streamId: stored.streamId,
  };
}

const factsOf = ({ orderId, makerBps, takerBps, orderListId }: PlacedOrder): [string, OrderFacts] => [
  orderId,
  { makerBps, takerBps, orderListId },
];

/** A market as it was before its first command, to replay its journal into. Rejects when there is none. */
export async function loadNewMarket(db: Db, symbol: string): Promise<Market> {
  const stored = await loadStoredMarket(db, symbol);
  const [limits, unitsOf, steps] = await Promise.all([
    loadFirstLimits(db, symbol),
    loadUnits(db, stored),
    loadSteps(db, symbol, 1),
  ]);
  // Its clock is the time of the batch it stands at.
  const clock = { time: 0 };
  return Object.assign(clock, {
    symbol,
    lease: { symbol, epoch: stored.epoch },
    book: createBook(limits),
    ...countingIn(steps, unitsOf),
    terms: new Map<string, OrderFacts>(),
    recent: createRecentIds(() => clock.time),
    version: 1,
    batch: 0,
    streamId: '0-0',
  });
}

/** `steps`: all that the market has had, those that its book counts in last. */
function countingIn(
  steps: readonly Steps[],
  unitsOf: Market['unitsOf'],
): Pick<Market, 'units' | 'steps' | 'unitsOf' | 'pastSteps'> {
  const present = steps.at(-1);
  invariant(present !== undefined, 'a market has steps');
  return { units: unitsOf(present), steps: present, unitsOf, pastSteps: steps.slice(0, -1) };
}

async function loadUnits(db: Db, { base, quote }: StoredMarket): Promise<Market['unitsOf']> {
  const assets = await listAssets(db);
  const scaleOf = (name: string): number => {
    const asset = assets.find((each) => each.asset === name);
    invariant(asset !== undefined, `${name} is an asset`);
    return asset.scale;
  };
  const scales = { baseScale: scaleOf(base), quoteScale: scaleOf(quote) };
  return ({ tickSize, lotSize }) => createUnits({ tickSize, lotSize, ...scales });
}
