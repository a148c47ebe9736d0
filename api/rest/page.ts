import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import type { State } from './call.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pageFolder = path.join(root, 'api/page');
const entry = 'api/page/main.ts';
/** What the page imports of packages, by the name it is imported by. */
const packages: Readonly<Record<string, string>> = {
  'lightweight-charts': 'dist/lightweight-charts.standalone.production.mjs',
};

/**
 * Our own scripts, styles and answers alone; nothing inline, nothing from other hosts. Text cannot become HTML: the
 * browser itself refuses every way there.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'img-src', 'connect-src'].map((kind) => `${kind} 'self'`),
  ...['base-uri', 'form-action', 'frame-ancestors'].map((kind) => `${kind} 'none'`),
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The market page at `/`, with a form to sign in and to place orders where `trading` is true. */
export function createPageRoutes({ trading }: { readonly trading: boolean }): Router<State> {
  const router = new Router<State>();
  const serve = (at: string, type: string, content: string): void => {
    const etag = createHash('sha256').update(content).digest('base64url');
    router.get(at, (ctx) => {
      ctx.set('Cache-Control', 'no-cache');
      ctx.set('Content-Security-Policy', contentSecurityPolicy);
      ctx.type = type;
      ctx.etag = etag;
      ctx.status = 200;
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = content;
    });
  };
  const html = readFileSync(path.join(pageFolder, 'index.html'), 'utf8');
  serve('/', 'text/html', html.replace('data-trading="false"', `data-trading="${trading}"`));
  serve('/page/market.css', 'text/css', readFileSync(path.join(pageFolder, 'market.css'), 'utf8'));
  serve('/page/icon.svg', 'image/svg+xml', readFileSync(path.join(pageFolder, 'icon.svg'), 'utf8'));
  for (const [file, code] of collectModules(entry)) serve(`/page/${file}`, 'text/javascript', code);
  for (const [name, file] of Object.entries(packages)) {
    const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    serve(`/page/${name}.mjs`, 'text/javascript', readFileSync(path.join(folder, file), 'utf8'));
  }
  return router;
}

/** A module and all that it imports, by their places in the project, as the browser reads them: without types. */
function collectModules(file: string, found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (found.has(file)) return found;
  const code = stripTypeScriptTypes(readFileSync(path.join(root, file), 'utf8')).replace(
    /(?<= from ')[^.'][^']*(?=';)/g,
    (name) => {
      if (!(name in packages)) throw new Error(`${file}: the page cannot import ${name}.`);
      return `/page/${name}.mjs`;
    },
  );
  found.set(file, code);
  for (const [imported] of code.matchAll(/(?<= from ')\.[^']*(?=';)/g)) {
    collectModules(path.posix.join(path.posix.dirname(file), imported), found);
  }
  return found;
}
