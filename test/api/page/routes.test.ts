import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import Koa from 'koa';
import { createPageRoutes } from '../../../api/rest/page.ts';
import type { State } from '../../../api/rest/call.ts';

async function serve(trading: boolean) {
  const app = new Koa<State>();
  app.use(createPageRoutes({ trading }).routes());
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
}

test('page: its scripts, import one another and nothing else, and have no types', async (t) => {
  const { url, close } = await serve(true);
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const response = await fetch(url + path);
    t.is(response.status, 200, path);
    t.is(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
    const code = await response.text();
    if (path.endsWith('.mjs')) return;
    t.notRegex(code, /^export (interface|type) |^import type /m, path);
    for (const [, imported = ''] of code.matchAll(/ from '([^']+)'/g))
      await visit(new URL(imported, url + path).pathname);
  };
  await visit('/page/api/page/main.ts');
  t.true(seen.has('/page/domain/trading/depth.ts') && seen.has('/page/lightweight-charts.mjs'));
  t.false([...seen].some((path) => path.startsWith('/page/contract/')));
  close();
});

test('page: with and without trading, says so and lets no script or style be inline', async (t) => {
  for (const trading of [true, false]) {
    const { url, close } = await serve(trading);
    const response = await fetch(`${url}/`);
    const html = await response.text();
    t.true(html.includes(`data-trading="${trading}"`));
    t.notRegex(html, /<style|style=|<script(?! type="module" src="\/page\/)|\son[a-z]+=|src="http/);
    const policy = response.headers.get('content-security-policy') ?? '';
    t.true(policy.includes("default-src 'none'") && policy.includes("script-src 'self'"));
    t.notRegex(policy, /unsafe|http|\*/);
    close();
  }
});

test('page: asked for again, is not sent again', async (t) => {
  const { url, close } = await serve(false);
  const etag = (await fetch(`${url}/page/market.css`)).headers.get('etag') ?? '';
  // As a browser asks; fetch by itself would ask for no stored answer.
  const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
  const again = await fetch(`${url}/page/market.css`, { headers });
  t.is(again.status, 304);
  t.is((await fetch(`${url}/page/api/main.ts`)).status, 404);
  t.is((await fetch(`${url}/page/../package.json`)).status, 404);
  close();
});
