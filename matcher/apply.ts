import type { Steps } from '../domain/trading/steps.ts';
import type { CommandOutcome } from '../storage/trading/matching-commit.ts';
import type { Arrival, Fault, Lookups } from './intake.ts';
import type { DeadLetter } from './journal.ts';
import type { Market } from './market.ts';
import { isPlacement, placedBy, type Placement } from './placements.ts';
import { createRecorder, type OrderFacts, type Recorder } from './recorder.ts';
import { bringsSteps, inPresentSteps, rescalingTo, takeSteps } from './steps.ts';

/** What a batch has done so far to one market, in memory. */
export interface Applied {
  readonly market: Market;
  readonly recorder: Recorder;
  readonly bookSeqBefore: number;
  /** The journal's inputs, each as JSON, in order. */
  readonly inputs: string[];
  readonly outcomes: CommandOutcome[];
  readonly dead: DeadLetter[];
  streamId: string;
}

export const beginBatch = (market: Market): Applied => ({
  market,
  recorder: createRecorder(
    market,
    (orderId) => termsOf(market, orderId),
    // A cancel later in the batch must find whose it was: PostgreSQL was asked only about orders not in the book.
    (orderId, userId) => market.recent.add(orderId, userId),
  ),
  bookSeqBefore: market.book.bookSeq,
  inputs: [],
  outcomes: [],
  dead: [],
  streamId: market.streamId,
});

function termsOf(market: Market, orderId: string): OrderFacts {
  const terms = market.terms.get(orderId);
  if (terms === undefined) throw new Error(`Nothing is known of order ${orderId}`);
  return terms;
}

/**
 * Applies one command to its market's book. What was taken in before does nothing; what cannot be read or applied
 * becomes a dead letter and, where there is somebody who waits, an outcome. `idHash`: see `Book.foresee`; 0 when not
 * known.
 */
export function apply(batch: Applied, given: Arrival, lookups: Lookups, time: number, idHash: number): void {
  const arrival = inPresentSteps(batch.market, given);
  if (arrival.streamId !== undefined) batch.streamId = arrival.streamId;
  const { command } = arrival;
  if (arrival.fault !== undefined || command === undefined) {
    setAside(batch, arrival, arrival.fault ?? { error: 'The entry has no command', level: 3 });
    return;
  }
  switch (command.kind) {
    case 'PLACE':
    case 'PLACE_LIST':
      if (placedBy(command).some(({ orderId }) => lookups.missing.has(orderId))) {
        setAside(batch, arrival, { error: 'No such order is stored', level: 3 });
      } else if (isNew(batch, command, lookups)) place(batch, arrival, command, time, idHash);
      break;
    case 'CANCEL':
      cancel(batch, arrival, command, lookups, time, idHash);
      break;
    case 'AMEND':
      amend(batch, arrival, command, lookups, time, idHash);
      break;
    case 'CANCEL_ALL': {
      const { userId, createdAt, reason } = command;
      if (!takeIn(batch, arrival, command, userId, lookups)) return;
      batch.market.book.cancelAll(userId, reason, createdAt, time, batch.recorder.sink);
      break;
    }
    case 'EXPIRE':
      if (takeIn(batch, arrival, command, nobody, lookups)) batch.market.book.expireDue(time, batch.recorder.sink);
      break;
    case 'TELL_ENDS':
      batch.inputs.push(arrival.text);
      batch.market.book.tellDying(batch.recorder.sink);
      break;
    case 'MARKET':
      changeMarket(batch, arrival, command, lookups, time);
  }
}

const unknownHash = 0;

/** Whose a command of the exchange's own is. */
const nobody = '';

type MarketChange = Extract<NonNullable<Arrival['command']>, { kind: 'MARKET' }>;

/** Brings new rules into force. A later version that overtook this one holds its change as well. */
function changeMarket(batch: Applied, arrival: Arrival, command: MarketChange, lookups: Lookups, time: number): void {
  const { market, recorder } = batch;
  const { version, limits, steps } = command;
  if (version <= market.version) {
    takeIn(batch, arrival, command, nobody, lookups);
    return;
  }
  try {
    if (bringsSteps(market, steps)) rescale(batch, limits, steps, time);
    else market.book.changeMarket(limits, time, recorder.sink);
  } catch (error) {
    // Limits that the engine cannot work by, or an order that does not fit new steps: nothing changed.
    setAside(batch, arrival, { error: String(error), level: 1 });
    return;
  }
  takeIn(batch, arrival, command, nobody, lookups);
  market.version = version;
}

/** Nothing of the market is in the batch before: what the batch writes of it counts in the new steps alone. */
function rescale({ market, recorder }: Applied, limits: MarketChange['limits'], steps: Steps, time: number): void {
  market.book.changeMarket(limits, time, recorder.sink, rescalingTo(market, steps));
  takeSteps(market, steps);
}

/** Journals a command that is about more than one order, and answers it. False when it was taken in before. */
function takeIn(
  { market, inputs, outcomes }: Applied,
  { text }: Arrival,
  { commandId }: { readonly commandId: string },
  userId: string,
  lookups: Lookups,
): boolean {
  if (market.recent.ownerOf(commandId) !== undefined || lookups.done.has(commandId)) return false;
  market.recent.add(commandId, userId);
  inputs.push(text);
  outcomes.push({ commandId, outcome: 'DONE' });
  return true;
}

/** An order that is in the book, was taken in by this process, or is final in PostgreSQL, is none to take in. */
function isNew({ market }: Applied, command: Placement, lookups: Lookups): boolean {
  return placedBy(command).every(({ orderId }) => {
    if (market.recent.ownerOf(orderId) !== undefined || market.book.find(orderId) !== undefined) return false;
    const found = lookups.orders.get(orderId);
    return found === undefined || found.isPending;
  });
}

function place(batch: Applied, arrival: Arrival, command: Placement, time: number, idHash: number): void {
  const { market, recorder } = batch;
  const orders = placedBy(command);
  for (const order of orders) market.terms.set(order.orderId, order);
  try {
    if (command.kind === 'PLACE') market.book.place(command.order, time, recorder.sink, idHash);
    else market.book.placeList(command, time, recorder.sink);
  } catch (error) {
    // Numbers that are no order's: the engine refuses them before anything changed.
    for (const { orderId } of orders) market.terms.delete(orderId);
    setAside(batch, arrival, { error: String(error), level: 1 });
    return;
  }
  batch.inputs.push(arrival.text);
  for (const { orderId, userId } of orders) market.recent.add(orderId, userId);
}

type Cancel = Extract<NonNullable<Arrival['command']>, { kind: 'CANCEL' }>;

function cancel(
  batch: Applied,
  arrival: Arrival,
  command: Cancel,
  lookups: Lookups,
  time: number,
  idHash: number,
): void {
  const { market, recorder } = batch;
  const { commandId, orderId } = command;
  const missing = findMissing(batch, arrival, command, lookups, time);
  if (missing === undefined) {
    batch.inputs.push(arrival.text);
    market.book.cancel(orderId, 'USER', time, recorder.sink, idHash);
  }
  batch.outcomes.push({ commandId, outcome: missing ?? 'CANCELLED' });
}

type Amend = Extract<NonNullable<Arrival['command']>, { kind: 'AMEND' }>;

/** Once, whatever becomes of it: the same amend again would find its order in its place, and no funds. */
function amend(batch: Applied, arrival: Arrival, command: Amend, lookups: Lookups, time: number, idHash: number): void {
  const { market, recorder } = batch;
  const { commandId, userId } = command;
  if (market.recent.ownerOf(commandId) !== undefined || lookups.done.has(commandId)) return;
  market.recent.add(commandId, userId);
  let refused: string | undefined = findMissing(batch, arrival, command, lookups, time);
  if (refused === undefined) {
    try {
      refused = market.book.amend(command, time, recorder.sink, idHash);
    } catch (error) {
      // Numbers that are no amend's: the engine refuses them before anything changed.
      setAside(batch, arrival, { error: String(error), level: 1 });
      return;
    }
    batch.inputs.push(arrival.text);
  }
  recorder.endAmend(command, refused === undefined);
  batch.outcomes.push({ commandId, outcome: refused ?? 'AMENDED' });
}

/**
 * Why a command can do nothing to the order it is about; undefined when that is open. One whose own entry is still on
 * the way, or lost, is taken in now, and dropped when it comes.
 */
function findMissing(
  batch: Applied,
  arrival: Arrival,
  { orderId, userId }: Cancel | Amend,
  lookups: Lookups,
  time: number,
): 'ORDER_NOT_OPEN' | 'ORDER_NOT_FOUND' | undefined {
  const { market } = batch;
  const found = lookups.orders.get(orderId);
  if (found?.placement !== undefined && found.userId === userId && isNew(batch, found.placement.command, lookups)) {
    apply(batch, { ...arrival, ...found.placement }, lookups, time, unknownHash);
  }
  const open = market.book.find(orderId);
  if (open?.user.id === userId) return undefined;
  const owner = open?.user.id ?? market.recent.ownerOf(orderId) ?? found?.userId;
  return owner === userId ? 'ORDER_NOT_OPEN' : 'ORDER_NOT_FOUND';
}

/** A dead letter for a person, and a definite end for whoever waits for the command. */
function setAside({ dead, outcomes, recorder, market }: Applied, arrival: Arrival, { error, level }: Fault): void {
  dead.push({ streamId: arrival.streamId ?? '', text: arrival.text, error: error.slice(0, 500) });
  const { command } = arrival;
  if (command === undefined) return;
  if (isPlacement(command)) {
    const orders = placedBy(command);
    for (const { orderId, userId } of orders) market.recent.add(orderId, userId);
    if (level < 3) recorder.reject(orders, level === 1);
  } else if (level < 3 && command.kind !== 'TELL_ENDS') {
    if (command.kind === 'AMEND' && level === 1) recorder.endAmend(command, false);
    outcomes.push({ commandId: command.commandId, outcome: 'FAULTED' });
  }
}
