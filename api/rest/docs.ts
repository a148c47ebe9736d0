import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import Router from '@koa/router';
import type { State } from './call.ts';

const assetFolder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Pandora Exchange API</title>
<link rel="icon" href="/swagger/favicon-32x32.png"><link rel="stylesheet" href="/swagger/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/swagger/swagger-ui-bundle.js"></script>
<script src="/swagger/init.js"></script></body>
</html>`;

const init = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true });`;

export interface Documents {
  readonly openApi: object;
  readonly asyncApi: object;
}

/**
 * The API's documents: OpenAPI and AsyncAPI as JSON, the keys tokens are signed with, and Swagger UI from the
 * installed package, so that no CDN is asked.
 */
export function createDocsRoutes({ openApi, asyncApi }: Documents, jwks: () => object): Router<State> {
  const router = new Router<State>();
  serveDocument(router, '/openapi.json', openApi);
  serveDocument(router, '/asyncapi.json', asyncApi);
  router.get('/.well-known/jwks.json', (ctx) => {
    ctx.body = jwks();
  });
  for (const entry of ['/swagger', '/swagger/index.html']) {
    router.get(entry, (ctx) => {
      ctx.type = 'text/html';
      ctx.body = page;
    });
  }
  router.get('/swagger/init.js', (ctx) => {
    ctx.type = 'text/javascript';
    ctx.body = init;
  });
  for (const [name, type] of Object.entries(assets)) {
    router.get(`/swagger/${name}`, (ctx) => {
      ctx.type = type;
      ctx.body = createReadStream(path.join(assetFolder, name));
    });
  }
  return router;
}

/** The documents of a door that is not for browsers. */
export function createDocumentRoutes({ openApi, asyncApi }: Documents): Router<State> {
  const router = new Router<State>();
  serveDocument(router, '/openapi.json', openApi);
  serveDocument(router, '/asyncapi.json', asyncApi);
  return router;
}

function serveDocument(router: Router<State>, path: string, document: object): void {
  const written = JSON.stringify(document);
  router.get(path, (ctx) => {
    ctx.type = 'application/json';
    ctx.body = written;
  });
}
