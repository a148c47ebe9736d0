import test from 'ava';
import fc from 'fast-check';
import { createBook } from '../../matcher/engine/book.ts';
import { type OrderCommand } from '../../matcher/engine/types.ts';
import { finer, limitsIn, rescalings, times, unscaled } from '../matcher/engine/finer.ts';
import { limits, stateOf } from '../matcher/engine/commands.ts';
import { NaiveBook } from '../matcher/engine/naive-book.ts';
import { createRecorder } from '../matcher/engine/recorder.ts';
import { rescale, sameBooks } from '../matcher/engine/same-books.ts';
import {
  apply,
  commandsOf,
  createDoor,
  createLives,
  startedAt,
  stories,
  storyLength,
  watch,
} from '../matcher/engine/stories.ts';

/** So few that most mass ends take several goes. */
const chunk = 2;

/** For a longer run, and other stories: see CONTRIBUTING.md. */
const commandCount = Number(process.env['ENGINE_COMMANDS'] ?? 60_000);
const seed = Number(process.env['ENGINE_SEED'] ?? 1);

test(`engine: ${commandCount} generated commands, tells events, depth and hash of the naive book after each`, (t) => {
  t.timeout(30 * 60_000);
  const seen = new Set<string>();
  fc.assert(
    fc.property(stories, rescalings, (steps, rescaled) => {
      const book = createBook(limits, chunk);
      const naive = new NaiveBook(limits);
      naive.chunk = chunk;
      const door = createDoor();
      let scale = unscaled;
      for (const given of commandsOf(steps)) {
        for (const by of rescaled.filter(({ at }) => at === given.index)) {
          scale = times(scale, by);
          rescale(t, book, naive, by, limitsIn(scale, naive.limits), given.time);
          door.rescale(by);
        }
        const command = door.ask(finer(given, scale), book);
        const [told, expected] = [createRecorder(), createRecorder()];
        if (given.index % 3 === 0)
          for (const [one, sink] of [
            [book, told.sink],
            [naive, expected.sink],
          ] as const)
            one.tellDying(sink);
        const result = apply(book, command, told.sink);
        t.is(result, apply(naive, command, expected.sink));
        door.note(told.events);
        if (command.amend !== undefined) seen.add(`amend ${result ?? 'AMENDED'}`);
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
      'MARKET_POST_ONLY MARKET_REMAINDER OCO_OTHER_LEG POST_ONLY_WOULD_TAKE SELF_TRADE_PREVENTION STOP_WOULD_TRIGGER ' +
      'TOO_LATE USER amend AMENDED amend INVALID_QUANTITY amend MARKET_NOT_ACTIVE amend MARKET_POST_ONLY ' +
      'amend ORDER_CHANGED amend ORDER_IN_LIST amend ORDER_NOT_OPEN amend POST_ONLY_WOULD_TAKE ' +
      'amend STOP_WOULD_TRIGGER amended level prevented rested traded triggered waits',
  );
});

test('engine: restored in the middle of a story, goes on as if it had never stopped', (t) => {
  fc.assert(
    fc.property(stories, fc.nat({ max: 199 }), rescalings, (steps, stop, [first = unscaled, next = unscaled]) => {
      const naive = new NaiveBook(limits);
      const [whole, restored] = [createBook(limits, chunk), createBook(limits, chunk)];
      naive.chunk = chunk;
      const commands = commandsOf(steps);
      const door = createDoor();
      rescale(t, whole, naive, first, limitsIn(first), startedAt);
      for (const given of commands.slice(0, stop)) {
        const command = door.ask(finer(given, first), whole);
        const { sink, events } = createRecorder();
        apply(whole, command, sink);
        apply(naive, command, createRecorder().sink);
        door.note(events);
      }
      restored.restore(stateOf(naive));
      const time = commands[stop]?.time ?? startedAt;
      const scale = times(first, next);
      const [before, after] = [createRecorder(), createRecorder()];
      for (const book of [restored, whole]) {
        book.changeMarket(limitsIn(scale, naive.limits), time, createRecorder().sink, next);
      }
      door.rescale(next);
      t.is(restored.hash(), whole.hash());
      for (const given of commands.slice(stop)) {
        const command = door.ask(finer(given, scale), whole);
        const { sink, events } = createRecorder();
        apply(whole, command, sink);
        apply(restored, command, after.sink);
        door.note(events);
        before.events.push(...events);
      }
      t.is(JSON.stringify(after.events), JSON.stringify(before.events));
      t.is(restored.hash(), whole.hash());
    }),
    { numRuns: 50, seed: 2 },
  );
});

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
  const lives = createLives();
  const released = new Map<string, number>();
  const add = (id: string, amount: number) => {
    const { reservation } = lives.of(id);
    released.set(reservation, (released.get(reservation) ?? 0) + amount);
  };
  watch(4, (_, command, events) => {
    if (command.index === 0) released.clear();
    lives.begin(command);
    for (const event of events) {
      lives.follow(event);
      if (event.type === 'traded') {
        const buyer = lives.of(event.taker.id).side === 'BUY' ? event.taker : event.maker;
        const seller = buyer === event.taker ? event.maker : event.taker;
        add(buyer.id, event.price * event.lots + event.release);
        add(seller.id, event.lots);
      } else if (event.type === 'prevented') {
        add(event.maker.id, event.releases[0] ?? 0);
        add(event.taker.id, event.releases[1] ?? 0);
      } else if (event.type === 'amended') {
        add(event.order.id, event.release);
      } else if (event.type === 'finished') {
        const { budget, lots, reserved, reservation } = lives.of(event.order.id);
        const { executed, prevented } = event.order;
        add(event.order.id, event.release);
        if (budget === 0) t.is(executed + prevented + event.left, lots);
        if (lives.isLast(event.order.id)) {
          t.is(released.get(reservation), reserved);
          released.delete(reservation); // The story may send it again.
        }
        t.true(event.status !== 'FILLED' || (event.left === 0 && prevented === 0));
      }
    }
  });
});

test('engine: a trade, is never of one user with itself nor beyond the taker’s limit or protection price', (t) => {
  const lives = createLives();
  watch(5, (_, command, events) => {
    lives.begin(command);
    for (const event of events) {
      lives.follow(event);
      if (event.type !== 'traded') continue;
      const [taker, maker] = [lives.of(event.taker.id), lives.of(event.maker.id)];
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
  const waiting = new Set<string>();
  const lives = createLives();
  const isCrossed = ({ side, stopTicks }: OrderCommand, price: number) =>
    side === 'BUY' ? price >= stopTicks : price <= stopTicks;
  watch(8, (book, command, events) => {
    if (command.index === 0) waiting.clear();
    lives.begin(command);
    const prices: number[] = [];
    for (const event of events) {
      lives.follow(event);
      if (event.type === 'waits') waiting.add(event.order.id);
      if (event.type === 'finished') waiting.delete(event.order.id);
      if (event.type === 'traded') prices.push(event.price);
      if (event.type !== 'triggered') continue;
      const { id } = event.order;
      t.true(waiting.delete(id) && prices.some((price) => isCrossed(lives.of(id), price)));
    }
    for (const id of waiting) t.false(prices.some((price) => isCrossed(lives.of(id), price)));
    const resting = [...book.orders('BUY'), ...book.orders('SELL')];
    t.is(book.openOrders, resting.length + waiting.size);
    t.false(resting.some(({ id }) => waiting.has(id)));
  });
});

test('engine: what an order has reserved, covers what it has open after each command', (t) => {
  const lives = createLives();
  const used = new Map<string, number>();
  const use = (id: string, amount: number) => {
    const { reservation } = lives.of(id);
    used.set(reservation, (used.get(reservation) ?? 0) + amount);
  };
  watch(9, (book, command, events) => {
    if (command.index === 0) used.clear();
    lives.begin(command);
    for (const event of events) {
      lives.follow(event);
      if (event.type === 'prevented') [event.maker, event.taker].forEach(({ id }, at) => use(id, event.releases[at]!));
      if (event.type === 'amended') use(event.order.id, event.release);
      if (event.type === 'finished') {
        use(event.order.id, event.release);
        if (lives.isLast(event.order.id)) used.delete(lives.of(event.order.id).reservation);
      }
      if (event.type !== 'traded') continue;
      const isBuyerMaker = lives.of(event.maker.id).side === 'BUY';
      const [buyer, seller] = isBuyerMaker ? [event.maker, event.taker] : [event.taker, event.maker];
      use(buyer.id, event.price * event.lots + event.release);
      use(seller.id, event.lots);
    }
    for (const open of [...book.orders('BUY'), ...book.orders('SELL')]) {
      const { reserved, reservation } = lives.of(open.id);
      const needed = (id: string) => {
        const { side, reserveTicks } = lives.of(id);
        return (side === 'BUY' ? reserveTicks : 1) * (book.find(id)?.openLots ?? 0);
      };
      const other = open.id.replace('order-', 'stop-');
      const most = Math.max(needed(open.id), other === open.id ? 0 : needed(other));
      t.is(reserved - (used.get(reservation) ?? 0), most);
    }
  });
});

test('engine: of the legs of a list, never both trade, and the one waits as long as the other rests untouched', (t) => {
  const lists = new Map<string, string>();
  const traded = new Set<string>();
  const seen = new Set<string>();
  watch(10, (book, { index, list }, events) => {
    if (index === 0) [lists, traded].forEach((known) => known.clear());
    if (list !== undefined) lists.set(list.limit.orderId, list.stop.orderId);
    for (const event of events) {
      // The story may send a list again.
      if (event.type === 'waits') [event.order.id, limitOf(event.order.id)].forEach((id) => traded.delete(id));
      if (event.type === 'traded') [event.maker, event.taker].forEach(({ id }) => traded.add(id));
    }
    for (const [limitId, stopId] of lists) {
      const [limit, stop] = [book.find(limitId), book.find(stopId)];
      t.false(traded.has(limitId) && traded.has(stopId));
      t.is(stop !== undefined && stop.stopSeq > 0, limit?.executedLots === 0);
      for (const id of [limitId, stopId]) if (traded.has(id)) seen.add(id.split('-')[0] ?? '');
    }
  });
  t.deepEqual([...seen].sort(), ['order', 'stop']);
});

const limitOf = (stopId: string): string => stopId.replace('stop', 'order');
