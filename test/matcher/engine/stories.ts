/** Generated stories, told to any book: what the door and PostgreSQL would know of them included. */
import fc from 'fast-check';
import { type Rescaling } from '../../../domain/trading/steps.ts';
import { createBook } from '../../../matcher/engine/book.ts';
import {
  type AmendCommand,
  type AmendRefusal,
  type Book,
  type EventSink,
  type ListCommand,
  type MarketLimits,
  type OrderCommand,
  type OrderTerms,
} from '../../../matcher/engine/types.ts';
import { amendOf, commandOf, limits, listOf, order, step, termsOf, type Step } from './commands.ts';
import { createRecorder, type RecordedEvent } from './recorder.ts';

export const startedAt = 10_000;
export const storyLength = 200;
export const stories = fc.array(step, { minLength: storyLength, maxLength: storyLength });

type AnyBook = Pick<Book, 'place' | 'placeList' | 'cancel' | 'amend' | 'cancelAll' | 'changeMarket' | 'expireDue'>;

export interface Command {
  readonly given: Step;
  readonly index: number;
  readonly time: number;
  readonly order: OrderCommand | undefined;
  readonly list?: ListCommand | undefined;
  /** What an amending step asks for, once the door has made it. */
  readonly amend?: AmendCommand;
  /** The market's, of a story whose steps became finer. */
  readonly limits?: MarketLimits;
}

/** Turns a step into a command and applies it to any book; why an amend was refused. */
export function apply(book: AnyBook, command: Command, sink: EventSink): AmendRefusal | undefined {
  const { given, time, amend } = command;
  if (amend !== undefined) return book.amend(amend, time, sink);
  if (given.kind === 'cancel') book.cancel(`order-${command.index - 1 - given.target}`, 'USER', time, sink);
  else if (given.kind === 'cancelAll') book.cancelAll(given.userId, 'CANCEL_ALL', time - given.lead, time, sink);
  else if (given.kind === 'market')
    book.changeMarket({ ...(command.limits ?? limits), status: given.status }, time, sink);
  else if (given.kind === 'wait') book.expireDue(time, sink);
  else if (command.list !== undefined) book.placeList(command.list, time, sink);
  else if (command.order !== undefined) book.place(command.order, time, sink);
  return undefined;
}

/** Time stands still but for waits and one millisecond every fourth step. */
export function commandsOf(steps: readonly Step[]): Command[] {
  let time = startedAt;
  const placed: (OrderCommand | undefined)[] = [];
  const lists: (ListCommand | undefined)[] = [];
  return steps.map((given, index) => {
    time += given.kind === 'wait' ? given.time : Number(index % 4 === 0);
    const placing = given.kind === 'place' ? commandOf(given, index, time) : undefined;
    placed.push(placing);
    const list = given.kind === 'list' ? listOf(given, index, time) : undefined;
    lists.push(list);
    const again = given.kind === 'again' ? index - 1 - given.target : undefined;
    if (again !== undefined) return { given, index, time, order: placed[again], list: lists[again] };
    return { given, index, time, order: placing, list };
  });
}

/** Knows what each order was placed with and what amends have made of it, to ask for amends by. */
export interface Door {
  /** The command with the amend that its step is for; the book is the one it goes to. */
  ask(command: Command, book: Pick<Book, 'find'>): Command;
  note(events: readonly RecordedEvent[]): void;
  /** The market counts in finer steps from now on. */
  rescale(by: Rescaling): void;
  termsOf(orderId: string): OrderTerms;
}

const unknown = order('nobody');

/** The orders that a command places. */
export function ordersOf({ order: one, list }: Command): readonly OrderCommand[] {
  if (list !== undefined) return [list.limit, list.stop];
  return one === undefined ? [] : [one];
}

export function createDoor(): Door {
  const placed = new Map<string, OrderCommand>();
  const terms = new Map<string, OrderTerms>();
  return {
    ask(command, book) {
      const { given } = command;
      for (const asked of ordersOf(command)) {
        if (book.find(asked.orderId) !== undefined) continue;
        placed.set(asked.orderId, asked);
        terms.set(asked.orderId, termsOf(asked));
      }
      if (given.kind !== 'amend') return command;
      const target = placed.get(`order-${command.index - 1 - given.target}`) ?? unknown;
      return { ...command, amend: amendOf(target, terms.get(target.orderId) ?? termsOf(target), given) };
    },
    note(events) {
      for (const event of events) if (event.type === 'amended') terms.set(event.order.id, event.terms);
    },
    rescale({ ticks, lots }) {
      for (const [id, known] of terms) {
        terms.set(id, {
          lots: known.lots * lots,
          limitTicks: known.limitTicks * ticks,
          stopTicks: known.stopTicks * ticks,
        });
      }
    },
    termsOf: (orderId) => terms.get(orderId) ?? termsOf(unknown),
  };
}

/** What is looked at after each command of a story. */
export interface Moment {
  readonly book: Book;
  readonly command: Command;
  readonly events: readonly RecordedEvent[];
  /** Why an amend was refused. */
  readonly refused: AmendRefusal | undefined;
  /** The book's hash once what was due by the command's time had expired, and what the command then left. */
  readonly hashes: readonly [before: string, after: string];
}

/** Runs stories and looks at each command's events and the book after it. */
export function watch(
  seed: number,
  look: (book: Book, command: Command, events: readonly RecordedEvent[], moment: Moment) => void,
): void {
  fc.assert(
    fc.property(stories, (steps) => {
      const book = createBook(limits);
      const door = createDoor();
      for (const given of commandsOf(steps)) {
        const command = door.ask(given, book);
        const { sink, events } = createRecorder();
        book.expireDue(command.time, sink);
        const before = book.hash();
        const refused = apply(book, command, sink);
        door.note(events);
        look(book, command, events, { book, command, events, refused, hashes: [before, book.hash()] });
      }
    }),
    { numRuns: 50, seed },
  );
}

/** An order and what was reserved in all for it, or for the list it is a leg of. */
export interface Life extends OrderCommand {
  readonly reserved: number;
  /** What the reservation is known by: two legs have one. */
  readonly reservation: string;
}

/** Each order of the story that is looked at, as its last amend left it, with what was reserved for it in all. */
export interface Lives {
  /** To be called before a command's events are looked at. */
  begin(command: Command): void;
  /** To be called with each of its events, in order. */
  follow(event: RecordedEvent): void;
  of(orderId: string): Life;
  /** To be called for each order that ends: whether all that share its reservation have ended by now. */
  isLast(orderId: string): boolean;
}

export function createLives(): Lives {
  const placed = new Map<string, OrderCommand>();
  const amended = new Map<string, Life>();
  const legs = new Map<string, OrderCommand[]>();
  const endedLegs = new Map<string, number>();
  const ended = new Set<string>();
  let current: Command | undefined;
  const lives: Lives = {
    begin(command) {
      if (command.index === 0) [placed, amended, legs, endedLegs, ended].forEach((known) => known.clear());
      // The story may send it again, as it was at first.
      for (const id of ended) amended.delete(id);
      ended.clear();
      current = command;
      if (command.given.kind === 'again') return;
      const asked = ordersOf(command);
      for (const one of asked) placed.set(one.orderId, one);
      if (command.list !== undefined) legs.set(command.list.limit.orderListId ?? '', [...asked]);
    },
    follow(event) {
      if (event.type === 'finished') ended.add(event.order.id);
      if (event.type !== 'amended') return;
      const { lots, limitTicks, stopTicks, reserveTicks } = event.terms;
      const before = lives.of(event.order.id);
      const reserved = before.reserved + (current?.amend?.funds ?? 0);
      amended.set(event.order.id, { ...before, lots, limitTicks, stopTicks, reserveTicks, reserved });
    },
    of(orderId) {
      const known = amended.get(orderId);
      if (known !== undefined) return known;
      const first = placed.get(orderId) ?? unknown;
      const reservation = first.orderListId ?? orderId;
      const reservedBy = ({ side, lots, budget, reserveTicks }: OrderCommand) =>
        side === 'SELL' ? lots : budget || reserveTicks * lots;
      return { ...first, reservation, reserved: Math.max(...(legs.get(reservation) ?? [first]).map(reservedBy)) };
    },
    isLast(orderId) {
      const { reservation, orderListId } = lives.of(orderId);
      const count = (endedLegs.get(reservation) ?? 0) + 1;
      const isLast = orderListId === undefined || count === 2;
      if (isLast) endedLegs.delete(reservation);
      else endedLegs.set(reservation, count);
      return isLast;
    },
  };
  return lives;
}
