import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { hashId } from '../../../matcher/engine/ids.ts';
import { type AmendCommand, type Book, type OrderCommand } from '../../../matcher/engine/types.ts';
import { limits, order } from './commands.ts';
import { createRecorder } from './recorder.ts';
import { bookWith, buy, now, sell } from './story.ts';

type Command = OrderCommand | AmendCommand | { readonly orderId: string };

/** Mostly of an order that is not as it was seen, or none. */
function amendOf(orderId: string): AmendCommand {
  const terms = { lots: 3, limitTicks: 97, stopTicks: 0 };
  const to = { ...terms, limitTicks: 95 };
  return { orderId, from: terms, to, postOnly: false, selfTradePrevention: 'EXPIRE_TAKER', funds: 300 };
}

/** Orders to place, to cancel and to amend: some name orders of the same batch, of one before, or none. */
function batchOf(from: number): Command[] {
  return Array.from({ length: 200 }, (_, step) => {
    const number = from + step;
    const orderId = `order-${number - (number % 37)}`;
    if (number % 5 === 4) return number % 2 === 0 ? { orderId } : amendOf(orderId);
    const make = number % 2 === 0 ? buy : sell;
    return make(`order-${number}`, 1 + (number % 7), 90 + ((number * 7) % 20));
  });
}

function play(book: Book, commands: readonly Command[], idHashes?: Int32Array): unknown {
  const { sink, events } = createRecorder();
  for (const [index, command] of commands.entries()) {
    if ('side' in command) book.place(command, now, sink, idHashes?.[index]);
    else if ('to' in command) book.amend(command, now, sink, idHashes?.[index]);
    else book.cancel(command.orderId, 'USER', now, sink, idHashes?.[index]);
  }
  return events;
}

test('foresee: batches played with what it gave, tell the same events and leave the same state', (t) => {
  const [foreseen, plain] = [createBook(limits), createBook(limits)];
  for (let from = 0; from < 2_000; from += 200) {
    const batch = batchOf(from);
    t.deepEqual(play(foreseen, batch, foreseen.foresee(batch)), play(plain, batch));
    t.is(foreseen.hash(), plain.hash());
  }
});

test('foresee: of commands that never come, changes nothing', (t) => {
  const waiting = order('x', { orderType: 'STOP', timeInForce: 'IOC', stopTicks: 110, createdAt: now });
  const book = bookWith(sell('a', 2, 100), sell('b', 2, 100), buy('c', 1, 90), waiting);
  const before = [book.hash(), book.depth(10), book.openOrders];
  const ids = ['a', 'b', 'c', 'x', 'none', '', 'a', 'd'];
  const idHashes = book.foresee(ids.map((orderId) => ({ orderId })));
  t.deepEqual([book.hash(), book.depth(10), book.openOrders], before);
  t.deepEqual([...idHashes], ids.map(hashId));
});
