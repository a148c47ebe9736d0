import type { MarketCommit } from '../storage/trading/matching-commit.ts';
import { type Applied, apply, beginBatch } from './apply.ts';
import { type Arrival, type Lookups } from './intake.ts';
import { type JournalEvents, writeBatch } from './journal.ts';
import type { Market } from './market.ts';
import { bringsSteps } from './steps.ts';

/** A batch closes at so many commands or effects over all markets. */
export const batchLimits = { commands: 256, effects: 2_000 } as const;

interface MadeMarket {
  readonly market: Market;
  readonly commit: MarketCommit;
  readonly events: JournalEvents;
  /** Orders that traded. */
  readonly matched: number;
}

/** A batch of all markets, applied in memory and ready to commit. */
export interface Batch {
  readonly time: Date;
  /** What it took in, in order. */
  readonly arrivals: readonly Arrival[];
  readonly markets: readonly MadeMarket[];
}

/**
 * Applies arrivals in order until the batch is full, and writes what it did. Those not reached are not in
 * `batch.arrivals`. The markets are ahead of PostgreSQL until the batch is committed, and have to be loaded anew when
 * it is not.
 */
export function makeBatch(
  markets: ReadonlyMap<string, Market>,
  arrivals: readonly Arrival[],
  lookups: Lookups,
  now: number,
  mostEffects: number = batchLimits.effects,
): Batch {
  const touched = new Map<string, Applied>();
  const time = Math.max(now, ...arrivals.map(({ symbol }) => markets.get(symbol)?.time ?? 0));
  const idHashes = foresee(markets, arrivals);
  let effects = 0;
  let taken = 0;
  for (const arrival of arrivals) {
    const market = markets.get(arrival.symbol);
    if (effects >= mostEffects || (touched.has(arrival.symbol) && isRescaled(market, arrival))) break;
    const idHash = idHashes[taken] ?? 0;
    taken += 1;
    if (market === undefined) continue; // Given up meanwhile: whoever holds it reads the entry again.
    const applied = touched.get(market.symbol) ?? beginBatch(market);
    touched.set(market.symbol, applied);
    const before = applied.recorder.effects;
    apply(applied, arrival, lookups, time, idHash);
    effects += applied.recorder.effects - before;
  }
  return {
    time: new Date(time),
    arrivals: arrivals.slice(0, taken),
    markets: [...touched.values()].map((applied) => finish(applied, time)),
  };
}

/** What a batch writes of a market counts in one kind of steps: new ones begin a batch of it. */
const isRescaled = (market: Market | undefined, { command }: Arrival): boolean =>
  market !== undefined && command?.kind === 'MARKET' && bringsSteps(market, command.steps);

/** Has each book get at hand what its commands are about. The hashes of the ids they name, by arrival; 0: none. */
function foresee(markets: ReadonlyMap<string, Market>, arrivals: readonly Arrival[]): Int32Array {
  const lists = new Map<Market, { readonly commands: { readonly orderId: string }[]; readonly places: number[] }>();
  for (const [place, { symbol, command }] of arrivals.entries()) {
    const market = markets.get(symbol);
    const about = aboutOrder(command);
    if (market === undefined || about === undefined) continue;
    const list = lists.get(market) ?? { commands: [], places: [] };
    list.commands.push(about);
    list.places.push(place);
    lists.set(market, list);
  }
  const idHashes = new Int32Array(arrivals.length);
  for (const [{ book }, { commands, places }] of lists) {
    for (const [index, idHash] of book.foresee(commands).entries()) idHashes[places[index] ?? 0] = idHash;
  }
  return idHashes;
}

/** A command that is about one order. */
function aboutOrder(command: Arrival['command']): { readonly orderId: string } | undefined {
  switch (command?.kind) {
    case 'PLACE':
      return command.order;
    case 'CANCEL':
    case 'AMEND':
      return command;
    default:
      return undefined;
  }
}

function finish(applied: Applied, time: number): MadeMarket {
  const { market, recorder, bookSeqBefore, inputs, outcomes, dead, streamId } = applied;
  const { symbol, book, units, terms, recent } = market;
  const { output } = recorder;
  for (const { orderId, userId, status } of output.orders) {
    if (status === 'OPEN' || status === 'PARTIALLY_FILLED') continue;
    terms.delete(orderId);
    recent.add(orderId, userId);
  }
  const before = market.batch;
  market.batch += 1;
  market.time = time;
  market.streamId = streamId;
  const facts = {
    symbol,
    batch: market.batch,
    time,
    bookSeqBefore,
    bookSeq: book.bookSeq,
    output,
    dead,
    ends: book.massEnds(),
  };
  const { events, ...rows } = writeBatch(facts, units);
  const commit: MarketCommit = {
    symbol,
    epoch: market.lease.epoch,
    batch: before,
    tradeSeq: book.tradeSeq,
    bookSeq: book.bookSeq,
    stopSeq: book.stopSeq,
    streamId,
    hash: book.hash(),
    lastPrice: book.lastTicks === 0 ? undefined : units.price(book.lastTicks),
    version: market.version,
    inputs: `[${inputs.join(',')}]`,
    events: JSON.stringify(events),
    ...rows,
    outcomes,
  };
  return { market, commit, events, matched: output.orders.filter(({ executedLots }) => executedLots > 0).length };
}
