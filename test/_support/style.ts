import ts from 'typescript';

/** A place in the project and what is wrong there. */
export type Finding = string;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const limits = { fileLines: 300, functionLines: 70, lineLength: 120 } as const;
const countLines = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** TypeScript files over 300 lines, and lines of TypeScript and SQL over 120 characters. */
export function findLongFiles({ path, text }: SourceFile): Finding[] {
  if (!/\.(ts|mjs|sql)$/.test(path)) return [];
  const lines = countLines(text);
  const tooLong = path.endsWith('.ts') && lines > limits.fileLines ? [`${path}: ${lines} lines`] : [];
  const wide = text.split('\n').flatMap((line, index) => (line.length > limits.lineLength ? [index + 1] : []));
  return [...tooLong, ...wide.map((line) => `${path}:${line}: wider than ${limits.lineLength}`)];
}

/** Functions, methods and arrow functions over 70 lines, and the type that switches types off. */
export function findInSyntax({ path, text }: SourceFile): Finding[] {
  if (!path.endsWith('.ts')) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    const first = lineOf(node.getStart());
    const lines = lineOf(node.end) - first + 1;
    if (ts.isFunctionLike(node) && lines > limits.functionLines) {
      findings.push(`${path}:${first}: a function of ${lines} lines`);
    }
    if (node.kind === ts.SyntaxKind.AnyKeyword) findings.push(`${path}:${first}: an untyped value`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** Fields that are logged by name, while the log lets only their type through. */
export function findHiddenFields({ path, text }: SourceFile, logged: ReadonlySet<string>): Finding[] {
  if (!path.endsWith('.ts') || path.startsWith('test/')) return [];
  const calls = [...text.matchAll(/\blog\.(?:debug|info|warn|error|child)\(\{([^{}]*)\}/g)];
  return calls
    .flatMap(([, fields = '']) => fields.split(',').map((field) => /^\s*(\w+)\s*(:|$)/.exec(field)?.[1]))
    .flatMap((name) => (name === undefined || name === 'err' || logged.has(name) ? [] : [`${path}: ${name}`]));
}

/** Words are spelled with dots in this file and its test, so that the check does not find itself. */
export const spell = (dotted: string): string => dotted.replaceAll('·', '');

const banned: readonly (readonly [RegExp, string])[] = [
  [new RegExp(spell('\\b(TO·DO|FIX·ME|X·XX|HA·CK)\\b')), 'unfinished work'],
  [new RegExp(spell('\\b([Nn]ot imple·mented|unimple·mented|place·holder|for n·ow|st·ub)\\b')), 'unfinished work'],
  [new RegExp(spell('@ts-(ig·nore|no·check|expect-er·ror)')), 'a silenced type error'],
  [new RegExp(spell('eslint-dis·able')), 'a silenced rule'],
  [new RegExp(spell('\\btest(\\.serial)?\\.(sk·ip|on·ly|to·do|fail·ing)\\b')), 'an idle test'],
  [new RegExp(spell('\\bt\\.pa·ss\\(\\)')), 'a test that cannot fail'],
];

/** Words of unfinished work, silenced checks, and tests that do not run. */
export function findBannedWords({ path, text }: SourceFile): Finding[] {
  if (!/\.(ts|mjs|cjs|sql|sh|ya?ml|proto)$|(^|\/)(Makefile|Dockerfile)$/.test(path)) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      banned.filter(([pattern]) => pattern.test(line)).map(([, what]) => `${path}:${index + 1}: ${what}`),
    );
}

/** SQL files that no module beside them loads, by `sqlFile('name.sql', …)`. */
export function findDeadSql(files: readonly SourceFile[]): Finding[] {
  const loaded = new Set(
    files
      .filter(({ path }) => path.endsWith('.ts'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/['"`]([\w./-]+\.sql)['"`]/g)].map((match) => join(path, match[1])),
      ),
  );
  return files
    .filter(({ path }) => path.startsWith('storage/') && path.endsWith('.sql') && !loaded.has(path))
    .map(({ path }) => `${path}: nothing loads it`);
}

/** A path relative to the folder of `from`. */
function join(from: string, to = ''): string {
  return new URL(to, `file:///${from}`).pathname.slice(1);
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

/** Packages for other platforms that package-lock.json lacks: `npm ci` then fails on every platform. */
export function findUnlocked({ packages }: Lock): Finding[] {
  const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !locked.has(name))
      .map((name) => `${path}: ${name} is not locked`),
  );
}

/** Migrations without their other direction, with a name of another form, or with a number used twice. */
export function findOddMigrations(paths: readonly string[]): Finding[] {
  const names = paths.filter((path) => path.startsWith('migrations/')).map((path) => path.slice('migrations/'.length));
  const forms = names.filter((name) => !/^\d{4}_[a-z0-9_]+\.(up|down)\.sql$/.test(name));
  const stems = new Set(names.map((name) => name.replace(/\.(up|down)\.sql$/, '')));
  const pairs = [...stems].flatMap((stem) =>
    ['up', 'down'].map((direction) => `${stem}.${direction}.sql`).filter((name) => !names.includes(name)),
  );
  const numbers = [...stems].map((stem) => stem.slice(0, 4));
  const twice = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  return [
    ...forms.map((name) => `migrations/${name}: is not NNNN_name.up.sql or .down.sql`),
    ...pairs.map((name) => `migrations/${name}: is missing`),
    ...twice.map((number) => `migrations/${number}: two migrations have this number`),
  ];
}
