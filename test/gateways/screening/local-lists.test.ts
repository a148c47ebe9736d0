import test from 'ava';
import { createLocalLists, type ListSource, sampleLists } from '../../../gateways/screening/local-lists.ts';

const born = (fullName: string, year: string) => ({ fullName, dateOfBirth: `${year}-03-12` });
const entry = (id: number, name: string): string => `${id},"${name}","individual",${'"-0- ",'.repeat(8)}"-0- "`;

test('screen: on a sample list under another spelling, found; born otherwise or nobody, not', async (t) => {
  const lists = createLocalLists(sampleLists);
  const { hits, source } = await lists.screen(born('Miroslav Zarković', '1961'));
  t.like(hits, [{ list: 'OFAC SDN', entryId: '90001', about: 'sanctions' }]);
  t.regex(source, /^OFAC SDN [0-9a-f]{12}, EU consolidated [0-9a-f]{12}, PEP [0-9a-f]{12}$/);
  t.is((await lists.screen(born('Тархович-Врен Богумил', '1966'))).hits[0]?.entryId, '70001');
  t.deepEqual((await lists.screen(born('Miroslav Zarkovic', '1999'))).hits, []);
  t.deepEqual((await lists.screen(born('Ada Lovelace', '1990'))).hits, []);
});

test('screenAddress: a listed one in any case, is listed; another is not', async (t) => {
  const lists = createLocalLists(sampleLists);
  t.true((await lists.screenAddress('DEV1sanctionedxyz')).listed);
  t.false((await lists.screenAddress('dev1destination')).listed);
});

test('refresh: empty, broken or a tenth smaller, left out and the list in use stays', async (t) => {
  const names = Array.from({ length: 10 }, (_, index) => entry(index, `PERSON${index}, Invented`));
  let text = names.join('\n');
  const source: ListSource = { name: 'L', format: 'ofac', about: 'sanctions', read: async () => text };
  const lists = createLocalLists([source]);
  t.deepEqual(await lists.refresh(), []);
  const { source: version } = await lists.screen(born('Nobody Here', '1990'));
  for (const [bad, why] of [
    ['', /empty/],
    ['a,b', /not 12 columns/],
    [names.slice(2).join('\n'), /shrank from 10 to 8/],
  ] as const) {
    text = bad;
    t.regex((await lists.refresh())[0] ?? '', why);
    t.is((await lists.screen(born('Nobody Here', '1990'))).source, version);
  }
  text = names.slice(1).join('\n');
  t.deepEqual(await lists.refresh(), []);
});

test('screen: a list was never good, refused and nobody is called clear', async (t) => {
  const away: ListSource = { name: 'L', format: 'pep', about: 'pep', read: () => Promise.reject(new Error('away')) };
  await t.throwsAsync(createLocalLists([away]).screen(born('Ada Lovelace', '1990')), {
    message: /not possible: L could not/,
  });
});
