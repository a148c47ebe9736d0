const fences = /^```[^\n]*\n[\s\S]*?^```/gm;
const spans = /`[^`\n]*`/g;

/** Where the links of a page lead within the project; what stands in code is none. */
export function findLinks(markdown: string): readonly string[] {
  const text = markdown.replaceAll(fences, '').replaceAll(spans, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function findAnchors(markdown: string): ReadonlySet<string> {
  const headings = markdown.replaceAll(fences, '').matchAll(/^#+ (.+)$/gm);
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  return new Set([...headings].map(([, heading = '']) => anchorOf(heading)));
}

export interface Command {
  readonly tool: 'make' | 'npm';
  readonly name: string;
}

/** The make targets and npm scripts that a page names in code. */
export function findCommands(markdown: string): readonly Command[] {
  const code = [...(markdown.match(fences) ?? []), ...(markdown.replaceAll(fences, '').match(spans) ?? [])].join('\n');
  return [...code.matchAll(/\b(?:(make) |(?:npm) (?:run )?(?:--silent )?)([a-z][a-z:-]*)/g)]
    .map(([, make, name = '']): Command => ({ tool: make === undefined ? 'npm' : 'make', name }))
    .filter(({ tool, name }) => tool === 'make' || !['ci', 'run', 'install', 'audit'].includes(name));
}

export interface ShownRequest {
  readonly door: '$api' | '$internal';
  readonly path: string;
  /** Undefined when there is none, or one with variables in it. */
  readonly body: unknown;
}

/** The requests that a page's shell examples send. */
export const findRequests = (markdown: string): readonly ShownRequest[] =>
  [...markdown.matchAll(/\bcall (\$api|\$internal)(\/[\w/-]+)(?: -d '([^']*)')?/g)].map(
    ([, door, path = '', body]) => ({
      door: door === '$api' ? '$api' : '$internal',
      path,
      body: body === undefined ? undefined : (JSON.parse(body) as unknown),
    }),
  );

/** Which of a decision record's three headings are not there. */
export const missingHeadings = (markdown: string): readonly string[] =>
  ['Context', 'Decision', 'Consequence'].filter((heading) => !markdown.includes(`\n## ${heading}\n`));

const statuses = ['todo', 'in-progress', 'blocked', 'review', 'done'];
const priorities = ['P0', 'P1', 'P2'];

/** What is wrong with the task table of a page. */
export function findTaskFaults(markdown: string): readonly string[] {
  const [, table] = markdown.split('| # | Task | Owner | Status | Priority | Estimate | Details |\n');
  const rows = [...(table ?? '').matchAll(/^\| \d+ \|.*$/gm)].map(([row]) => row);
  if (rows.length === 0) return ['There is no task table.'];
  return rows.filter((row) => {
    const [, , task, owner, status = '', priority = '', estimate] = row.split('|').map((cell) => cell.trim());
    return !task || !owner || !statuses.includes(status) || !priorities.includes(priority) || !estimate;
  });
}

/** The tests that a table of rules names in its last column: a link to the file, then titles in code. */
export function findNamedTests(markdown: string): readonly { readonly file: string; readonly title: string }[] {
  const cells = [...markdown.matchAll(/^\| .* \| (\[.*) \|$/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => {
    let file = '';
    return [...cell.matchAll(/\]\(([^)]+)\)|`([^`]+)`/g)].flatMap(([, link, title = '']) => {
      if (link !== undefined) file = link;
      return link === undefined ? [{ file, title }] : [];
    });
  });
}
