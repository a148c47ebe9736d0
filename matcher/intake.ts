import { readCommand, type TradingCommand, writeCommand } from '../domain/trading/command.ts';
import { timeOfId } from '../platform/ids.ts';
import type { Db } from '../storage/db.ts';
import { findDoneCommands, findOrders, findOrderStates } from '../storage/trading/matching-lookups.ts';
import type { StreamEntry } from './command-reader.ts';
import type { Market } from './market.ts';
import { isPlacement, placedBy, type Placement, placementsOf } from './placements.ts';

/** What must not be applied again, and how gently it is set aside: see `apply`. */
export interface Fault {
  readonly error: string;
  /** 1: an order is rejected and its funds released; 2: rejected only; 3: nothing but a dead letter. */
  readonly level: 1 | 2 | 3;
}

/** A command on its way into a book. */
export interface Arrival {
  readonly symbol: string;
  /** Undefined for one that the sweep takes in from PostgreSQL. */
  readonly streamId: string | undefined;
  /** As it came; JSON unless `command` is undefined. */
  readonly text: string;
  /** Undefined when the text is none. */
  readonly command: TradingCommand | undefined;
  /** Why it must not be applied: reading or committing it failed. */
  readonly fault?: Fault;
}

/** An order that PostgreSQL knows. */
export interface FoundOrder {
  readonly userId: string;
  readonly isPending: boolean;
  /** It can be taken in from here: set while it is PENDING and a cancel or amend asked for it. */
  readonly placement?: { readonly command: Placement; readonly text: string };
}

/** What PostgreSQL knows of ids that this process does not remember. */
export interface Lookups {
  readonly orders: ReadonlyMap<string, FoundOrder>;
  /** Orders that were looked for and are not there. */
  readonly missing: ReadonlySet<string>;
  /** Commands that have their outcome. */
  readonly done: ReadonlySet<string>;
}

/** Reads a stream entry. What cannot be read is carried on with its fault, so that it is not lost silently. */
export function readArrival({ symbol, id, text }: StreamEntry): Arrival {
  try {
    return { symbol, streamId: id, text: text ?? '', command: readCommand(text ?? '') };
  } catch (error) {
    return { symbol, streamId: id, text: text ?? '', command: undefined, fault: { error: String(error), level: 3 } };
  }
}

/** A command that the sweep found in PostgreSQL. */
export const arrivalOf = (symbol: string, command: TradingCommand): Arrival => ({
  symbol,
  streamId: undefined,
  text: writeCommand(command),
  command,
});

/**
 * Asks PostgreSQL about the ids of a batch that this process may not remember: placements and cancel-alls older than
 * its memory, and orders to cancel or amend that are neither in the book nor placed before them in this batch.
 */
export async function lookUp(
  db: Db,
  markets: ReadonlyMap<string, Market>,
  arrivals: readonly Arrival[],
): Promise<Lookups> {
  const ids = { placements: new Set<string>(), subjects: new Set<string>(), commands: new Set<string>() };
  const placed = new Set<string>();
  for (const { symbol, command } of arrivals) {
    const market = markets.get(symbol);
    if (market === undefined || command === undefined || command.kind === 'TELL_ENDS') continue;
    const { book, recent } = market;
    const isOld = (id: string): boolean =>
      timeOfId(id).getTime() <= recent.since && recent.ownerOf(id) === undefined && book.find(id) === undefined;
    if (isPlacement(command)) {
      for (const { orderId } of placedBy(command)) {
        placed.add(orderId);
        if (isOld(orderId)) ids.placements.add(orderId);
      }
      continue;
    }
    if ('orderId' in command) {
      if (book.find(command.orderId) === undefined && !placed.has(command.orderId)) ids.subjects.add(command.orderId);
    }
    // A cancel that comes again finds its order gone.
    if (command.kind !== 'CANCEL' && isOld(command.commandId)) ids.commands.add(command.commandId);
  }
  const [states, rows, done] = await Promise.all([
    ids.placements.size === 0 ? [] : findOrderStates(db, [...ids.placements]),
    ids.subjects.size === 0 ? [] : findOrders(db, [...ids.subjects]),
    ids.commands.size === 0 ? [] : findDoneCommands(db, [...ids.commands]),
  ]);
  const orders = new Map<string, FoundOrder>();
  for (const { orderId, userId, isPending } of states) orders.set(orderId, { userId, isPending });
  for (const { orderId, userId, isPending } of rows) orders.set(orderId, { userId, isPending });
  for (const command of placementsOf(rows.filter(({ isPending }) => isPending))) {
    const placement = { command, text: writeCommand(command) };
    for (const { orderId, userId } of placedBy(command)) orders.set(orderId, { userId, isPending: true, placement });
  }
  const missing = new Set([...ids.placements].filter((id) => !orders.has(id)));
  return { orders, missing, done: new Set(done) };
}
