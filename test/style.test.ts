import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { loggedFields } from '../platform/log.ts';
import {
  findBannedWords,
  findDeadSql,
  findHiddenFields,
  findInSyntax,
  findLongFiles,
  findOddMigrations,
  findUnlocked,
  spell,
  type Finding,
  type SourceFile,
} from './_support/style.ts';

const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));
const files: readonly SourceFile[] = paths
  .filter((path) => /\.(ts|mjs|cjs|sql|sh|ya?ml|proto)$|(^|\/)(Makefile|Dockerfile)$/.test(path))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

test('files: in this project, are at most 300 lines of at most 120 characters', (t) => {
  t.deepEqual(files.flatMap(findLongFiles), []);
});

test('syntax: in this project, functions are at most 70 lines and every value has a type', (t) => {
  t.deepEqual(files.flatMap(findInSyntax), []);
});

test('words: in this project, none speaks of unfinished work or silences a check', (t) => {
  t.deepEqual(files.flatMap(findBannedWords), []);
});

test('log: in this project, every field that is logged by name can be read', (t) => {
  t.deepEqual(
    files.flatMap((file) => findHiddenFields(file, loggedFields)),
    [],
  );
  const line = { path: 'a.ts', text: `log.warn({ err, symbol, password: 'x' }, 'Failed')` };
  t.deepEqual(findHiddenFields(line, loggedFields), ['a.ts: password']);
});

test('SQL files: in storage, each is loaded by a module', (t) => {
  t.deepEqual(findDeadSql(files), []);
});

test('migrations: in this project, each goes up and down and has a number of its own', (t) => {
  t.deepEqual(findOddMigrations(paths), []);
});

test('package-lock.json: of this project, is complete for every platform', (t) => {
  t.deepEqual(findUnlocked(JSON.parse(readFileSync('package-lock.json', 'utf8'))), []);
});

const sees = test.macro({
  title: (
    _,
    circumstance: string,
    _find: (file: SourceFile) => Finding[],
    _path: string,
    _text: string,
    count: number,
  ) => `style checkers: ${circumstance}, ${count === 0 ? 'is let through' : `gives ${count} finding(s)`}`,
  exec: (
    t,
    _circumstance: string,
    find: (file: SourceFile) => Finding[],
    path: string,
    text: string,
    count: number,
  ) => {
    t.is(find({ path, text }).length, count);
  },
});

const lines = (count: number): string => '// line\n'.repeat(count);
test(sees, 'a file of 300 lines', findLongFiles, 'a.ts', lines(300), 0);
test(sees, 'a file of 301 lines', findLongFiles, 'a.ts', lines(301), 1);
test(sees, 'an SQL line of 121 characters', findLongFiles, 'a.sql', 'x'.repeat(121), 1);
test(sees, 'a function of 70 lines', findInSyntax, 'a.ts', `function f() {\n${lines(68)}}`, 0);
test(sees, 'a function of 71 lines', findInSyntax, 'a.ts', `function f() {\n${lines(69)}}`, 1);
test(sees, 'an arrow function of 71 lines', findInSyntax, 'a.ts', `const f = () => {\n${lines(69)}};`, 1);
test(sees, 'a cast to no type', findInSyntax, 'a.ts', spell('const x = y as a·ny;'), 1);
for (const sample of [
  '// TO·DO later',
  '// FIX·ME',
  '# Not imple·mented',
  '// good enough for n·ow',
  '// a st·ub',
  '// @ts-ig·nore',
  '// eslint-dis·able-next-line',
  "test.sk·ip('x')",
  "test.serial.on·ly('x')",
  't.pa·ss()',
]) {
  test(sees, `the words "${sample}"`, findBannedWords, 'a.ts', spell(sample), 1);
}
test(sees, 'a harmless line', findBannedWords, 'a.ts', 'const stubborn = methodology;', 0);

test('style checkers: an SQL file that nothing loads, is found', (t) => {
  const module = { path: 'storage/ledger/a.ts', text: "sqlFile('used.sql', import.meta.url)" };
  const sql = (path: string) => ({ path, text: '' });
  t.deepEqual(findDeadSql([module, sql('storage/ledger/used.sql'), sql('storage/other/used.sql')]), [
    'storage/other/used.sql: nothing loads it',
  ]);
});

test('style checkers: a lock file without a package of another platform, is found', (t) => {
  const packages = { 'node_modules/a': { optionalDependencies: { '@a/mac': '1' } }, 'node_modules/@a/mac': {} };
  t.deepEqual(findUnlocked({ packages }), []);
  t.deepEqual(findUnlocked({ packages: { 'node_modules/a': packages['node_modules/a'] } }), [
    'node_modules/a: @a/mac is not locked',
  ]);
});

test('style checkers: migrations that are single, misnamed or numbered twice, are found', (t) => {
  const pair = (name: string) => [`migrations/${name}.up.sql`, `migrations/${name}.down.sql`];
  t.deepEqual(findOddMigrations([...pair('0001_a'), ...pair('0002_b')]), []);
  t.is(findOddMigrations(['migrations/0001_a.up.sql']).length, 1);
  t.is(findOddMigrations([...pair('0001_a'), ...pair('0001_b')]).length, 1);
  t.true(findOddMigrations(['migrations/one.sql']).length > 0);
});
