import { createBook } from '../../../matcher/engine/book.ts';
import { type Book, type EventSink, type OrderCommand } from '../../../matcher/engine/types.ts';
import { limits, order } from './commands.ts';
import { createRecorder, type RecordedEvent } from './recorder.ts';

/** When commands reach the book, unless a test says otherwise. */
export const now = 10_000;

/** A book with some orders in it. */
export function bookWith(...resting: OrderCommand[]): Book {
  const book = createBook(limits);
  for (const command of resting) book.place(command, now, createRecorder().sink);
  return book;
}

/** What a command does to a book, one line an event. */
export function tell(act: (sink: EventSink) => unknown): string[] {
  const { sink, events } = createRecorder();
  act(sink);
  return events.map(line);
}

function line(event: RecordedEvent): string {
  if (event.type === 'rested') return `${event.order.id} rests ${event.order.open}`;
  if (event.type === 'waits') return `${event.order.id} waits as ${event.order.stop}`;
  if (event.type === 'triggered') return `${event.order.id} is triggered`;
  if (event.type === 'amended') {
    const { order: amended, terms, release } = event;
    const { lots, limitTicks, stopTicks, keepsPlace } = terms;
    const price = `${limitTicks}${stopTicks > 0 ? ` from ${stopTicks}` : ''}`;
    const what = `${amended.id} ${keepsPlace ? 'lowered' : 'replaced'}`;
    return `${what}: ${lots}@${price} open ${amended.open} release ${release}`;
  }
  if (event.type === 'level') return `#${event.seq} ${event.isBuy ? 'bid' : 'ask'} ${event.price}: ${event.lots}`;
  if (event.type === 'finished') {
    const { order: ended, status, reason, left, release } = event;
    return `${ended.id} ${status} ${reason ?? ''} left ${left} release ${release}`.replace('  ', ' ');
  }
  const between = `${event.maker.id}/${event.taker.id} ${event.lots}@${event.price}`;
  return event.type === 'traded'
    ? `trade ${event.seq} ${between} release ${event.release}`
    : `prevented ${between} releases ${event.releases.join(' ')}`;
}

/** What placing an order does, one line an event. */
export const place = (book: Book, command: OrderCommand, time = now): string[] =>
  tell((sink) => {
    book.place(command, time, sink);
  });
/** Placed at the time it comes in. */
export const fresh = { createdAt: now };
/** Bob's and Alice's limit orders. */
export const sell = (id: string, lots: number, limitTicks: number, given: Partial<OrderCommand> = {}) =>
  order(id, { side: 'SELL', userId: 'bob', lots, limitTicks, ...fresh, ...given });
export const buy = (id: string, lots: number, limitTicks: number, given: Partial<OrderCommand> = {}) =>
  order(id, { lots, limitTicks, ...fresh, ...given });
