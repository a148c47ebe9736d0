import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createBook } from '../../matcher/engine/book.ts';
import { type Book, type EventSink, type OrderCommand } from '../../matcher/engine/types.ts';
import { commandOf, limits, stateOf, step, type Step } from '../matcher/engine/commands.ts';
import { NaiveBook } from '../matcher/engine/naive-book.ts';
import { createRecorder, type RecordedEvent } from '../matcher/engine/recorder.ts';

/** For a longer run, and other stories: see CONTRIBUTING.md. */
const commandCount = Number(process.env['ENGINE_COMMANDS'] ?? 60_000);
const seed = Number(process.env['ENGINE_SEED'] ?? 1);
const startedAt = 10_000;
const storyLength = 200;
const stories = fc.array(step, { minLength: storyLength, maxLength: storyLength });

type AnyBook = Pick<Book, 'place' | 'cancel' | 'cancelAll' | 'changeMarket' | 'expireDue'>;

/** Turns a step into a command and applies it to any book. */
function apply(book: AnyBook, command: Command, sink: EventSink): void {
  const { given, time } = command;
  if (given.kind === 'cancel') book.cancel(`order-${command.index - 1 - given.target}`, 'USER', time, sink);
  else if (given.kind === 'cancelAll') book.cancelAll(given.userId, 'CANCEL_ALL', time - given.lead, time, sink);
  else if (given.kind === 'market') book.changeMarket({ ...limits, status: given.status }, time, sink);
  else if (given.kind === 'wait') book.expireDue(time, sink);
  else if (command.order !== undefined) book.place(command.order, time, sink);
}

interface Command {
  readonly given: Step;
  readonly index: number;
  readonly time: number;
  readonly order: OrderCommand | undefined;
}

/** Time stands still but for waits and one millisecond every fourth step. */
function commandsOf(steps: readonly Step[]): Command[] {
  let time = startedAt;
  const placed: (OrderCommand | undefined)[] = [];
  return steps.map((given, index) => {
    time += given.kind === 'wait' ? given.time : Number(index % 4 === 0);
    const order = given.kind === 'place' ? commandOf(given, index, time) : undefined;
    placed.push(order);
    return { given, index, time, order: given.kind === 'again' ? placed[index - 1 - given.target] : order };
  });
}

function sameBooks(t: ExecutionContext, book: Book, naive: NaiveBook): void {
  t.deepEqual(book.depth(1000), naive.depth());
  t.is(book.hash(), naive.hash());
  t.is(book.openOrders, naive.open().length);
  t.deepEqual([book.bestTicks('BUY'), book.bestTicks('SELL')], [naive.bestTicks('BUY'), naive.bestTicks('SELL')]);
}

test(`engine: ${commandCount} generated commands, tells events, depth and hash of the naive book after each`, (t) => {
  t.timeout(30 * 60_000);
  const seen = new Set<string>();
  fc.assert(
    fc.property(stories, (steps) => {
      const book = createBook(limits);
      const naive = new NaiveBook(limits);
      for (const command of commandsOf(steps)) {
        const [told, expected] = [createRecorder(), createRecorder()];
        apply(book, command, told.sink);
        apply(naive, command, expected.sink);
        if (JSON.stringify(told.events) !== JSON.stringify(expected.events)) t.deepEqual(told.events, expected.events);
        sameBooks(t, book, naive);
        for (const event of told.events)
          seen.add(event.type === 'finished' ? (event.reason ?? event.status) : event.type);
      }
    }),
    { numRuns: commandCount / storyLength, seed },
  );
  // The story generator reaches every rule; the limits have unit tests.
  const reached = [...seen].sort().join(' ');
  t.is(
    reached,
    'BUDGET_TOO_SMALL CANCEL_ALL COLLAR DAY_END DELISTED FILLED FOK_NOT_FILLABLE IOC_REMAINDER MARKET_NOT_ACTIVE ' +
      'MARKET_POST_ONLY MARKET_REMAINDER POST_ONLY_WOULD_TAKE SELF_TRADE_PREVENTION STOP_WOULD_TRIGGER TOO_LATE USER ' +
      'level prevented rested traded triggered waits',
  );
});

test('engine: restored in the middle of a story, goes on as if it had never stopped', (t) => {
  fc.assert(
    fc.property(stories, fc.nat({ max: 199 }), (steps, stop) => {
      const naive = new NaiveBook(limits);
      const [whole, restored] = [createBook(limits), createBook(limits)];
      const commands = commandsOf(steps);
      for (const command of commands.slice(0, stop)) {
        apply(whole, command, createRecorder().sink);
        apply(naive, command, createRecorder().sink);
      }
      restored.restore(stateOf(naive));
      const time = commands[stop]?.time ?? startedAt;
      restored.changeMarket(naive.limits, time, createRecorder().sink);
      whole.changeMarket(naive.limits, time, createRecorder().sink);
      t.is(restored.hash(), whole.hash());
      const [first, second] = [createRecorder(), createRecorder()];
      for (const command of commands.slice(stop)) {
        apply(whole, command, first.sink);
        apply(restored, command, second.sink);
      }
      t.is(JSON.stringify(second.events), JSON.stringify(first.events));
      t.is(restored.hash(), whole.hash());
    }),
    { numRuns: 50, seed: 2 },
  );
});

/** Runs a story and looks at each command's events and the book after it. */
function watch(seed: number, look: (book: Book, command: Command, events: readonly RecordedEvent[]) => void): void {
  fc.assert(
    fc.property(stories, (steps) => {
      const book = createBook(limits);
      for (const command of commandsOf(steps)) {
        const { sink, events } = createRecorder();
        apply(book, command, sink);
        look(book, command, events);
      }
    }),
    { numRuns: 50, seed },
  );
}

test('engine: after each command, is not crossed and its levels hold what their orders have open', (t) => {
  watch(3, (book) => {
    const [bid, ask] = [book.bestTicks('BUY'), book.bestTicks('SELL')];
    t.true(bid === 0 || ask === 0 || bid < ask);
    for (const [side, levels] of [
      ['BUY', book.depth(1000).bids],
      ['SELL', book.depth(1000).asks],
    ] as const) {
      const totals = new Map<number, number>();
      for (const { limitTicks, openLots } of book.orders(side)) {
        totals.set(limitTicks, (totals.get(limitTicks) ?? 0) + openLots);
      }
      t.deepEqual(
        [...totals],
        levels.map(({ priceTicks, lots }) => [priceTicks, lots]),
      );
    }
  });
});

test('engine: of every order that ends, quantity and reservation are accounted for to the last lot', (t) => {
  const commands = new Map<string, OrderCommand>();
  const released = new Map<string, number>();
  const add = (id: string, amount: number) => released.set(id, (released.get(id) ?? 0) + amount);
  watch(4, (_, command, events) => {
    if (command.index === 0) [commands, released].forEach((map) => map.clear());
    if (command.given.kind === 'place' && command.order !== undefined)
      commands.set(command.order.orderId, command.order);
    for (const event of events) {
      if (event.type === 'traded') {
        const buyer = commands.get(event.taker.id)?.side === 'BUY' ? event.taker : event.maker;
        const seller = buyer === event.taker ? event.maker : event.taker;
        add(buyer.id, event.price * event.lots + event.release);
        add(seller.id, event.lots);
      } else if (event.type === 'prevented') {
        add(event.maker.id, event.releases[0] ?? 0);
        add(event.taker.id, event.releases[1] ?? 0);
      } else if (event.type === 'finished') {
        const placed = commands.get(event.order.id)!;
        const { executed, prevented } = event.order;
        add(event.order.id, event.release);
        if (placed.budget === 0) t.is(executed + prevented + event.left, placed.lots);
        const reserved = placed.side === 'SELL' ? placed.lots : placed.budget || placed.reserveTicks * placed.lots;
        t.is(released.get(event.order.id), reserved);
        released.delete(event.order.id); // The story may send it again.
        t.true(event.status !== 'FILLED' || (event.left === 0 && prevented === 0));
      }
    }
  });
});

test('engine: a trade, is never of one user with itself nor beyond the taker’s limit or protection price', (t) => {
  const commands = new Map<string, OrderCommand>();
  watch(5, (_, command, events) => {
    if (command.given.kind === 'place' && command.order !== undefined)
      commands.set(command.order.orderId, command.order);
    for (const event of events) {
      if (event.type !== 'traded') continue;
      const [taker, maker] = [commands.get(event.taker.id)!, commands.get(event.maker.id)!];
      t.not(taker.userId, maker.userId);
      t.is(event.price, maker.limitTicks);
      t.true(taker.side === 'BUY' ? event.price <= taker.limitTicks : event.price >= taker.limitTicks);
    }
  });
});

test('engine: a FOK order, is filled whole or touches nothing', (t) => {
  const fillOrKill = new Set<string>();
  watch(6, (_, { index, given, order }, events) => {
    if (index === 0) fillOrKill.clear();
    if (given.kind === 'place' && order?.timeInForce === 'FOK') fillOrKill.add(order.orderId);
    for (const event of events) {
      // A stop, or one that was sent again: it may end in a later command than its own.
      if (event.type !== 'finished' || !fillOrKill.has(event.order.id)) continue;
      t.true(event.status === 'FILLED' || event.order.executed === 0);
      t.is(event.order.prevented, 0);
    }
    const touched = events.filter((event) => event.type === 'prevented').map(({ taker }) => taker.id);
    t.false(touched.some((id) => fillOrKill.has(id)));
  });
});

test('engine: book and trade sequences over a story, have no gap', (t) => {
  let [bookSeq, tradeSeq] = [0, 0];
  watch(7, (book, command, events) => {
    if (command.index === 0) [bookSeq, tradeSeq] = [0, 0];
    for (const event of events) {
      if (event.type === 'level') t.is(event.seq, ++bookSeq);
      if (event.type === 'traded') t.is(event.seq, ++tradeSeq);
    }
    t.deepEqual([book.bookSeq, book.tradeSeq], [bookSeq, tradeSeq]);
  });
});

test('engine: a stop, is triggered by a trade at or beyond its price told before, and never waits after one', (t) => {
  const waiting = new Map<string, OrderCommand>();
  const placed = new Map<string, OrderCommand>();
  const isCrossed = ({ side, stopTicks }: OrderCommand, price: number) =>
    side === 'BUY' ? price >= stopTicks : price <= stopTicks;
  watch(8, (book, { index, given, order }, events) => {
    if (index === 0) [waiting, placed].forEach((map) => map.clear());
    if (given.kind === 'place' && order !== undefined) placed.set(order.orderId, order);
    const prices: number[] = [];
    for (const event of events) {
      if (event.type === 'waits') waiting.set(event.order.id, placed.get(event.order.id)!);
      if (event.type === 'finished') waiting.delete(event.order.id);
      if (event.type === 'traded') prices.push(event.price);
      if (event.type !== 'triggered') continue;
      const stop = waiting.get(event.order.id);
      t.true(stop !== undefined && prices.some((price) => isCrossed(stop, price)));
      waiting.delete(event.order.id);
    }
    for (const stop of waiting.values()) t.false(prices.some((price) => isCrossed(stop, price)));
    const resting = [...book.orders('BUY'), ...book.orders('SELL')];
    t.is(book.openOrders, resting.length + waiting.size);
    t.false(resting.some(({ id }) => waiting.has(id)));
  });
});

test('engine: what an order has reserved, covers what it has open after each command', (t) => {
  const placed = new Map<string, OrderCommand>();
  const used = new Map<string, number>();
  const use = (id: string, amount: number) => used.set(id, (used.get(id) ?? 0) + amount);
  watch(9, (book, { index, given, order }, events) => {
    if (index === 0) [placed, used].forEach((map) => map.clear());
    if (given.kind === 'place' && order !== undefined) placed.set(order.orderId, order);
    for (const event of events) {
      if (event.type === 'prevented') [event.maker, event.taker].forEach(({ id }, at) => use(id, event.releases[at]!));
      if (event.type === 'finished') used.delete(event.order.id);
      if (event.type !== 'traded') continue;
      const isBuyerMaker = placed.get(event.maker.id)?.side === 'BUY';
      const [buyer, seller] = isBuyerMaker ? [event.maker, event.taker] : [event.taker, event.maker];
      use(buyer.id, event.price * event.lots + event.release);
      use(seller.id, event.lots);
    }
    for (const open of [...book.orders('BUY'), ...book.orders('SELL')]) {
      const { side, reserveTicks, lots } = placed.get(open.id)!;
      const perLot = side === 'BUY' ? reserveTicks : 1;
      t.is(perLot * lots - (used.get(open.id) ?? 0), perLot * open.openLots);
    }
  });
});
