import test from 'ava';
import fc from 'fast-check';
import { addId, createIdTable, findId, hashId, removeId, type Entry } from '../../../matcher/engine/ids.ts';

interface Item extends Entry {
  readonly number: number;
}

test('ids: added and removed in any order, many of one hash, are found as in a Map', (t) => {
  const step = fc.record({ id: fc.nat({ max: 400 }), isAdded: fc.boolean() });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 500, maxLength: 500 }), (steps) => {
        const table = createIdTable<Item>();
        const expected = new Map<string, Item>();
        // Only the last twelve characters are hashed: ids that differ before them share a bucket.
        const idOf = (number: number): string => `${String(number % 20).padStart(2, '0')}-${number % 7}-of-the-same`;
        for (const [number, { id: given, isAdded }] of steps.entries()) {
          const id = given < 200 ? idOf(given) : `id-${given}`;
          const known = expected.get(id);
          if (isAdded && known === undefined) {
            const item: Item = { id, idHash: hashId(id), number };
            addId(table, item);
            expected.set(id, item);
          } else if (!isAdded && known !== undefined) {
            removeId(table, known);
            expected.delete(id);
          }
          if (findId(table, id, hashId(id)) !== expected.get(id)) throw new Error(`${id} is not as expected`);
        }
        if (table.size !== expected.size) throw new Error('the size differs');
        for (const [id, item] of expected) if (findId(table, id, hashId(id)) !== item) throw new Error(`${id} is lost`);
      }),
      { numRuns: 100, seed: 3 },
    ),
  );
});

test('ids: hash of UUIDs that differ in their last characters, differs', (t) => {
  const ids = Array.from({ length: 1000 }, (_, n) => `0193f000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`);
  t.is(new Set(ids.map(hashId)).size, ids.length);
});
