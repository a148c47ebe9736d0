import test from 'ava';
import { nameKey, nameSimilarity } from '../../../domain/compliance/names.ts';

const alike = test.macro({
  title: (_, one: string, other: string, hit: boolean) =>
    `nameSimilarity: ${one} and ${other}, ${hit ? 'a hit' : 'no hit'}`,
  exec: (t, one: string, other: string, hit: boolean) => {
    const found = nameSimilarity(one, other);
    t.is(found >= 88, hit, String(found));
    t.is(nameSimilarity(other, one), found);
  },
});

test(alike, 'Leopoldina Abrantsky', 'ABRANTSKY, Leopoldina', true);
test(alike, 'Miroslav Žarković', 'ZARKOVIC, Miroslav Dragan', true);
test(alike, 'Temur Al Qasimov', 'AL-QASIMOV, Temur Rustam', true);
test(alike, 'Timur Kasimof', 'KASIMOV, Timur', true);
test(alike, 'Ada Lovelace', 'ZARKOVIC, Miroslav Dragan', false);
test(alike, 'Temur', 'AL-QASIMOV, Temur Rustam', false);
test(alike, '', 'Anybody', false);

test('nameSimilarity: the same name, 100', (t) => {
  t.is(nameSimilarity('Grace Brewster Hopper', 'Hopper, Grace Brewster'), 100);
});

test('nameKey: accents, order, capitals and hyphens, do not count', (t) => {
  t.is(nameKey('Žarković-Wren,  MIRO'), nameKey('miro wren zarkovic'));
});
