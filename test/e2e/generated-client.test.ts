import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import type { Middleware } from 'openapi-fetch';
import openapiTypes, { astToString } from 'openapi-typescript';
import { run } from '../../scripts/setup/commands.ts';
import { dataFolder } from '../../scripts/setup/paths.ts';
import { request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { createJudge } from '../_support/openapi.ts';
import { startSystem, type System } from '../_support/system.ts';

interface Context {
  readonly system: System;
  readonly document: Record<string, unknown>;
  /** Inside the project, where packages are found. */
  readonly folder: string;
}
const test = anyTest as TestFn<Context>;

interface Client {
  readonly trade: (baseUrl: string, token: string, watch: Middleware) => Promise<unknown>;
}

const client = fileURLToPath(new URL('generated-client', import.meta.url));
const tsc = 'node_modules/typescript/bin/tsc';

test.before(async (t) => {
  const folder = join(dataFolder, `generated-client-${process.pid}`);
  t.context = { folder } as Context;
  const system = await startSystem();
  t.context = { system, folder, document: {} };
  const { body } = await request('GET', `${system.rest}/openapi.json`);
  t.context = { system, folder, document: body };
});
test.after.always(async ({ context: { system, folder } }) => {
  await rm(folder, { recursive: true, force: true });
  await (system as System | undefined)?.stop();
});

/** Puts the client beside the types of a document, checks it, and answers where its program is. */
async function compile({ folder }: Context, name: string, document: object): Promise<string> {
  const place = join(folder, name);
  await mkdir(place, { recursive: true });
  await cp(client, place, { recursive: true });
  const types = await openapiTypes(structuredClone(document) as Parameters<typeof openapiTypes>[0]);
  await writeFile(join(place, 'openapi.ts'), astToString(types));
  const config = JSON.stringify({ extends: '../../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] });
  await writeFile(join(place, 'tsconfig.json'), config);
  await run(process.execPath, [tsc, '-p', place]);
  return pathToFileURL(join(place, 'trade.ts')).href;
}

const compilerOptions = { rootDir: '.', lib: ['ES2024', 'DOM'] };

/** Trades as a fresh customer, and answers what the client saw and what a document has against the answers it got. */
async function trade({ system }: Context, program: string, document: object) {
  const [customer] = await createCustomers(system.internal, 1, { USDT: '2000' });
  const judge = createJudge(document);
  const faults: string[] = [];
  const watch: Middleware = {
    async onResponse({ schemaPath, request: { method }, response }) {
      const fault = await judge(schemaPath, method, response.clone());
      if (fault !== undefined) faults.push(fault);
    },
  };
  const { trade: run } = (await import(program)) as Client;
  return { saw: await run(system.rest, customer!.token, watch), faults };
}

/** The served document with one part changed. */
function changed({ document }: Context, change: (schemas: Record<string, Schema>) => void): object {
  const copy = structuredClone(document) as { components: { schemas: Record<string, Schema> } };
  change(copy.components.schemas);
  return copy;
}
interface Schema {
  properties: Record<string, object>;
}

test('generated client: made from the served document, trades and is answered as documented', async (t) => {
  const program = await compile(t.context, 'served', t.context.document);
  const { saw, faults } = await trade(t.context, program, t.context.document);
  t.deepEqual(faults, []);
  t.deepEqual(saw, {
    placed: 'OPEN',
    refusal: 'INSUFFICIENT_FUNDS',
    problems: ['INVALID_PRICE'],
    listed: ['single', 'bid-2', 'bid-1'],
    amended: '49100',
    cancelled: 'CANCELLED',
    reason: 'USER',
    withdrawn: [true],
    all: [['BTC/USDT', true]],
    tickers: ['BTC/USDT', 'ETH/USDT', 'XRP/USDT'],
  });
  const other = changed(t.context, ({ Order }) => (Order!.properties['status'] = { type: 'integer' }));
  const wrong = await trade(t.context, program, other);
  t.regex(wrong.faults.join('\n'), /^POST \/api\/v1\/orders: 201 is not as its schema says: .*status must be integer/m);
});

test('generated client: a document that knows a field by another name, does not compile', async (t) => {
  const renamed = changed(t.context, ({ Order }) => {
    const { status, ...rest } = Order!.properties;
    Order!.properties = { ...rest, state: status! };
  });
  await t.throwsAsync(compile(t.context, 'renamed', renamed), { message: /Property 'status' does not exist on type/ });
});

test('openapi: answers that a document does not know, are named', async (t) => {
  const judge = createJudge(t.context.document);
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const answer = (status: number, headers = json) => new Response('{}', { status, headers });
  const path = '/api/v1/tickers';
  t.regex((await judge(path, 'GET', answer(200))) ?? '', /200 is not as its schema says: .*'items'/);
  t.regex((await judge(path, 'GET', answer(418))) ?? '', /418 is not documented/);
  t.regex((await judge(path, 'DELETE', answer(200))) ?? '', /200 is not documented/);
  t.regex((await judge(path, 'GET', answer(200, { 'content-type': 'text/html' }))) ?? '', /of type text\/html is not/);
});
