import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import Koa from 'koa';
import type { State } from '../../api/rest/call.ts';
import { wantsCsv, writeCsv } from '../../api/rest/csv.ts';

const columns = ['name', 'amount'];

/** What a server answers that has this page as CSV for those who would rather have it. */
async function ask(page: Parameters<typeof writeCsv>[2], accept?: string, query = ''): Promise<Response> {
  const app = new Koa<State>();
  app.use((ctx) => {
    if (wantsCsv(ctx)) writeCsv(ctx, columns, page);
    else ctx.body = page;
  });
  const server = createServer((request, response) => void app.callback()(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const headers = accept === undefined ? {} : { accept };
  return fetch(`http://127.0.0.1:${port}/list${query}`, { headers }).finally(() => server.close());
}

const last = { items: [{ amount: '-1.25', name: 'a "b", c\nd', more: 1 }], next_cursor: null };

test('csv: asked for, rows as RFC 4180 has them under their names, and no link behind the last page', async (t) => {
  const answer = await ask(last, 'text/csv');
  t.is(answer.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
  t.is(answer.headers.get('vary'), 'Accept');
  t.is(answer.headers.get('link'), null);
  t.is(await answer.text(), 'name,amount\r\n"a ""b"", c\nd",-1.25\r\n');
});

test('csv: no items, the names alone', async (t) => {
  t.is(await (await ask({ items: [], next_cursor: null }, 'text/csv')).text(), 'name,amount\r\n');
});

test('csv: more pages, the next is linked to with the filters of this one', async (t) => {
  const answer = await ask(
    { items: [], next_cursor: 'c2' },
    'text/csv',
    '?limit=2&cursor=c1&start=2026-01-01T00:00:00Z',
  );
  t.is(answer.headers.get('link'), '</list?limit=2&cursor=c2&start=2026-01-01T00%3A00%3A00Z>; rel="next"');
});

for (const accept of [undefined, '*/*', 'application/json', 'text/csv;q=0.5, application/json', 'image/png']) {
  test(`csv: accepted is ${accept ?? 'anything'}, JSON`, async (t) => {
    const answer = await ask(last, accept);
    t.regex(answer.headers.get('content-type') ?? '', /^application\/json/);
    t.deepEqual(await answer.json(), last);
  });
}

const formulas = { '=1+1': "'=1+1", '+49': "'+49", '-A1': "'-A1", '@SUM(A1)': "'@SUM(A1)", '-0.5': '-0.5', '7': '7' };
for (const [name, written] of Object.entries(formulas)) {
  test(`csv: a text ${name}, is written ${written}`, async (t) => {
    const answer = await ask({ items: [{ name, amount: '1' }], next_cursor: null }, 'text/csv');
    t.is(await answer.text(), `name,amount\r\n${written},1\r\n`);
  });
}
