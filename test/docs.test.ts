import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import type { Operation } from '../contract/operation.ts';
import { devOperations, internalOperations, publicOperations } from '../contract/operations.ts';
import {
  findAnchors,
  findCommands,
  findLinks,
  findNamedTests,
  findRequests,
  findTaskFaults,
  missingHeadings,
  type ShownRequest,
} from './_support/docs.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md', ...globSync('docs/**/*.md')];

test('links: of every page, lead to files and headings that exist', (t) => {
  const broken = pages.flatMap((page) =>
    findLinks(read(page)).flatMap((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(target)) return [`${page}: ${link}`];
      return anchor === undefined || findAnchors(read(target)).has(anchor) ? [] : [`${page}: ${link}`];
    }),
  );
  t.deepEqual(broken, []);
});

test('commands: that pages name, are targets of the Makefile or scripts of package.json', (t) => {
  const targets = new Set(read('Makefile').match(/^[a-z][a-z-]*(?=:)/gm));
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const unknown = pages.flatMap((page) =>
    findCommands(read(page))
      .filter(({ tool, name }) => (tool === 'make' ? !targets.has(name) : !(name in scripts)))
      .map(({ tool, name }) => `${page}: ${tool} ${name}`),
  );
  t.deepEqual(unknown, []);
});

test('requests: that the README makes, are operations of the contract and valid', (t) => {
  const known: Readonly<Record<ShownRequest['door'], readonly Operation[]>> = {
    $api: Object.values(publicOperations),
    $internal: Object.values({ ...internalOperations, ...devOperations }),
  };
  const requests = findRequests(read('README.md'));
  t.true(requests.some(({ path, body }) => path === '/orders' && body !== undefined));
  for (const { door, path, body } of requests) {
    const operations = known[door].filter((operation) => operation.path === path);
    t.not(operations.length, 0, path);
    if (body !== undefined)
      t.notThrows(() => operations.find(({ method }) => method === 'POST')?.body?.parse(body), path);
  }
});

test('decisions: in docs/adr, have their three headings and stand in the list', (t) => {
  const list = read('docs/adr/README.md');
  const decisions = globSync('docs/adr/[0-9]*.md');
  t.true(decisions.length > 0);
  for (const path of decisions) {
    t.deepEqual(missingHeadings(read(path)), [], path);
    t.true(list.includes(path.replace('docs/adr/', '](')), path);
  }
});

test('tasks: of the README, have an owner, a known status and a known priority', (t) => {
  t.deepEqual(findTaskFaults(read('README.md')), []);
});

interface Compose {
  readonly services: Readonly<Record<string, { readonly command?: unknown; readonly image?: string }>>;
}

const services = Object.values((parse(read('docker-compose.yml'), { merge: true }) as Compose).services);

test('docker-compose.yml: what a process of ours runs, is a file that the image holds', (t) => {
  const held = new Set(read('.dockerignore').match(/(?<=^!).+$/gm));
  const entries = services.flatMap(({ command, image }) =>
    image === 'pandora-exchange' && Array.isArray(command) ? [String(command[1])] : [],
  );
  t.true(entries.length > 0);
  t.deepEqual(
    entries.filter((entry) => !existsSync(entry) || !held.has(entry.split('/')[0] ?? '')),
    [],
  );
});

test('docker-compose.yml: every image, has a version', (t) => {
  const loose = services.flatMap(({ image = '' }) => (/^pandora-exchange$|:v?\d/.test(image) ? [] : [image]));
  t.deepEqual(loose, []);
});

test('trading: each test that docs/trading.md names for a rule, is in the file it names', (t) => {
  const named = findNamedTests(read('docs/trading.md'));
  t.true(named.length > 100);
  t.deepEqual(
    named.filter(({ file, title }) => !read(join('docs', file)).includes(title)),
    [],
  );
});

test('findNamedTests: two files in a row, each with the titles behind it', (t) => {
  const row = '| a `rule` | [x](../x.test.ts) `one: a`, `two`; [y](../y.test.ts) `three` |\n| other | – |\n';
  t.deepEqual(findNamedTests(`| rule | shown by |\n|---|---|\n${row}`), [
    { file: '../x.test.ts', title: 'one: a' },
    { file: '../x.test.ts', title: 'two' },
    { file: '../y.test.ts', title: 'three' },
  ]);
});

test('findLinks: inline, in code and to other sites, only the first', (t) => {
  t.deepEqual(findLinks('[a](b.md#c) `[d](e.md)` [f](https://example.com)\n```\n[g](h.md)\n```\n'), ['b.md#c']);
});

test('findAnchors: a heading with punctuation, reads as GitHub makes it', (t) => {
  t.deepEqual([...findAnchors('# A b\n## 1. What, it `is`!\n')], ['a-b', '1-what-it-is']);
});

test('findCommands: words of a text and of its code, only make targets and npm scripts in code', (t) => {
  const found = findCommands('make sure; `make run` and `npm run types`\n```sh\nnpm test\n```\n');
  t.deepEqual(
    found.map(({ tool, name }) => `${tool} ${name}`),
    ['npm test', 'make run', 'npm types'],
  );
});

test('missingHeadings: a decision without its consequence, names it', (t) => {
  t.deepEqual(missingHeadings('# 1 x\n## Context\n## Decision\n'), ['Consequence']);
});

test('findTaskFaults: an unknown status or priority, is found', (t) => {
  const head = '| # | Task | Owner | Status | Priority | Estimate | Details |\n|---|---|---|---|---|---|---|\n';
  t.deepEqual(findTaskFaults(`${head}| 1 | a | me | done | P0 | 1 d | b |\n`), []);
  t.is(findTaskFaults(`${head}| 1 | a | me | nearly | P0 | 1 d | b |\n`).length, 1);
  t.is(findTaskFaults(`${head}| 1 | a | me | done | P3 | 1 d | b |\n`).length, 1);
  t.is(findTaskFaults('no table').length, 1);
});
