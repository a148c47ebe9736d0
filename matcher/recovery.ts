import { invariant } from '../domain/errors.ts';
import type { Db } from '../storage/db.ts';
import { listAssets } from '../storage/ledger/assets.ts';
import { readJournal } from '../storage/trading/matching-journal.ts';
import type { MarketLease } from '../storage/trading/matching-leases.ts';
import { loadCancelAlls, loadOpenOrders, loadStoredMarket } from '../storage/trading/matching-state.ts';
import { createBook, engineVersion } from './engine/book.ts';
import { MatcherEnd } from './leases.ts';
import { createRecentIds, type Market } from './market.ts';
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
  const [{ orders, stops }, cancelledBefore, assets, [lastRow]] = await Promise.all([
    loadOpenOrders(db, symbol),
    loadCancelAlls(db, symbol, new Date(now() - cancelAllsForMs)),
    listAssets(db),
    readJournal(db, symbol, stored.batch - 1, 1),
  ]);
  const scaleOf = (name: string): number => {
    const asset = assets.find((each) => each.asset === name);
    invariant(asset !== undefined, `${name} is an asset`);
    return asset.scale;
  };
  const { status, minTicks, maxTicks, minLots, maxLots, bookSeq, tradeSeq, stopSeq, lastTicks } = stored;
  const book = createBook({ status, minTicks, maxTicks, minLots, maxLots });
  book.restore({ orders, stops, stopSeq, bookSeq, tradeSeq, lastTicks, cancelledBefore });
  // Another version of the engine wrote another hash for the same orders: that one cannot be checked.
  const isOwnHash = stored.hash !== null && lastRow?.engineVersion === engineVersion;
  invariant(!isOwnHash || book.hash() === stored.hash, `the open orders of ${symbol} are those of its state`);
  return {
    symbol,
    lease,
    book,
    units: createUnits({
      tickSize: stored.tickSize,
      lotSize: stored.lotSize,
      baseScale: scaleOf(stored.base),
      quoteScale: scaleOf(stored.quote),
    }),
    terms: new Map([...orders, ...stops].map(({ orderId, makerBps, takerBps }) => [orderId, { makerBps, takerBps }])),
    recent: createRecentIds(now),
    version: stored.version,
    batch: stored.batch,
    time: stored.batchTime,
    streamId: stored.streamId,
  };
}
