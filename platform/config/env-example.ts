import { type Branch, isSetting, schema } from './schema.ts';

/** The text of .env.example: every setting with its default, in the schema's order. A test keeps the file true. */
export function envExample(): string {
  const lines = ['# Every setting, with its default. Made by `npm run env-example` from platform/config/schema.ts.'];
  const walk = (branch: Branch, title: string): void => {
    if (title !== '') lines.push('', `# ${title}`);
    for (const [name, node] of Object.entries(branch)) {
      if (!isSetting(node)) walk(node, name);
      else lines.push(`# ${node.doc}`, `#${node.env}=${node.example}`);
    }
  };
  walk(schema, '');
  return `${lines.join('\n')}\n`;
}
