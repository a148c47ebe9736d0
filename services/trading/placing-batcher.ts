import type { PlacedOrder } from '../../domain/trading/command.ts';
import { type Batcher, createBatcher } from '../../platform/batcher.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Database, isDatabaseAway } from '../../storage/db.ts';
import {
  isList,
  type NewEntry,
  type NewOrder,
  placeOrders,
  type PlacingOutcome,
} from '../../storage/trading/place-orders.ts';
import type { AddressedCommand, SendCommands } from './sender.ts';

export interface PlacingBatcherDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly send: SendCommands;
  /** How long it collects (milliseconds), and how many entries go into one commit, at most. */
  readonly batchWindowMs: number;
  readonly batchSize: number;
}

type Outcome = PlacingOutcome | { readonly outcome: 'FAILED'; readonly error: unknown };

/** What came of one entry. */
export interface Placed {
  readonly outcome: Outcome;
  /** Resolves when the matcher has been told, or cannot be. */
  readonly sent: Promise<boolean>;
}

export type PlacingBatcher = Batcher<NewEntry, Placed>;

/** Concurrent orders and lists share commits: while some are in flight, what arrives gathers for the next. */
export const createPlacingBatcher = (deps: PlacingBatcherDeps): PlacingBatcher =>
  createBatcher({
    run: (entries) => commit(entries, deps),
    maxSize: deps.batchSize,
    windowMs: deps.batchWindowMs,
  });

async function commit(
  entries: readonly NewEntry[],
  { db, clock, send }: PlacingBatcherDeps,
): Promise<readonly Placed[]> {
  const outcomes = await placeIsolating(db, entries, clock());
  const placed = entries.filter((_entry, index) => outcomes[index]?.outcome === 'PLACED');
  // Not waited for here: the next batch may commit meanwhile.
  const sent = send(placed.map(toCommand));
  return outcomes.map((outcome) => ({ outcome, sent }));
}

/** One order that breaks a rule of the tables, which is a bug, must not fail its neighbours. */
async function placeIsolating(db: Database, entries: readonly NewEntry[], at: Date): Promise<readonly Outcome[]> {
  try {
    return await placeOrders(db, entries, at);
  } catch (error) {
    if (entries.length === 1 || isDatabaseAway(error)) return entries.map(() => ({ outcome: 'FAILED', error }));
    const middle = entries.length >> 1;
    return [
      ...(await placeIsolating(db, entries.slice(0, middle), at)),
      ...(await placeIsolating(db, entries.slice(middle), at)),
    ];
  }
}

function toCommand(entry: NewEntry): AddressedCommand {
  if (!isList(entry)) return { symbol: entry.placement.symbol, command: { kind: 'PLACE', order: toPlaced(entry) } };
  const { orderListId } = entry;
  const [limit, stop] = [entry.limit, entry.stop].map((leg) => ({ ...toPlaced(leg), orderListId })) as [
    PlacedOrder,
    PlacedOrder,
  ];
  return { symbol: entry.limit.placement.symbol, command: { kind: 'PLACE_LIST', orderListId, limit, stop } };
}

const toPlaced = ({ orderId, userId, placement, createdAt, expiresAt }: NewOrder): PlacedOrder => ({
  ...placement,
  orderId,
  userId,
  createdAt: createdAt.getTime(),
  expiresAt: expiresAt?.getTime() ?? 0,
});
