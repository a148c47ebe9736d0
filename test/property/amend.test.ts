import test from 'ava';
import { type Book } from '../../matcher/engine/types.ts';
import { createLives, watch } from '../matcher/engine/stories.ts';

test('amend: refused, tells nothing and leaves the book as it was, to its hash', (t) => {
  let refusals = 0;
  watch(11, (_, { amend }, events, { refused, hashes: [before, after] }) => {
    if (amend === undefined || refused === undefined) return;
    refusals += 1;
    t.deepEqual(
      events.filter(({ type }) => type === 'amended'),
      [],
    );
    t.is(after, before);
  });
  t.true(refusals > 100);
});

/** The ids that stand at one price of a side, first come first. */
const line = (book: Book, side: 'BUY' | 'SELL', priceTicks: number): string[] =>
  [...book.orders(side)].filter(({ limitTicks }) => limitTicks === priceTicks).map(({ id }) => id);

test('amend: of quantity alone and downwards, keeps the place; any other, is last of its price', (t) => {
  const lives = createLives();
  let [kept, lost] = [0, 0];
  let before: string[] = [];
  watch(12, (book, command, events) => {
    const { amend } = command;
    lives.begin(command);
    const was = lives.of(amend?.orderId ?? '');
    for (const event of events) lives.follow(event);
    const told = events.find((event) => event.type === 'amended');
    const open = amend === undefined ? undefined : book.find(amend.orderId);
    if (amend !== undefined && told !== undefined && open !== undefined && open.stopSeq === 0) {
      const { side } = lives.of(amend.orderId);
      const after = line(book, side, open.limitTicks);
      const isLower = amend.to.limitTicks === was.limitTicks && amend.to.lots <= was.lots;
      t.is(told.terms.keepsPlace, isLower);
      if (isLower) {
        kept += 1;
        t.deepEqual(
          after,
          before.filter((id) => after.includes(id)),
        );
      } else {
        lost += 1;
        t.is(after.at(-1), amend.orderId);
      }
    }
    before = [...book.orders('BUY'), ...book.orders('SELL')].map(({ id }) => id);
  });
  t.true(kept > 25 && lost > 25, `${kept} kept it, ${lost} lost it`);
});

test('amend: what is open, is the new quantity less what is executed and prevented', (t) => {
  const lives = createLives();
  watch(13, (book, command, events) => {
    lives.begin(command);
    for (const event of events) lives.follow(event);
    for (const { id, openLots, executedLots, preventedLots, limitTicks } of [
      ...book.orders('BUY'),
      ...book.orders('SELL'),
    ]) {
      const { lots, limitTicks: price } = lives.of(id);
      t.deepEqual([openLots + executedLots + preventedLots, limitTicks], [lots, price]);
    }
  });
});
