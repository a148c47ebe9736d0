import type { Person } from '../../../domain/compliance/case.ts';

export const person: Person = {
  fullName: 'Ada Lovelace',
  dateOfBirth: '1990-12-10',
  country: 'DE',
  address: 'Hauptstr. 1, Berlin',
  document: { type: 'passport', number: 'C01X00T47', country: 'DE', expiresOn: '2032-01-01', files: ['doc-1'] },
};

/** What a customer may write who would like to approve herself. */
export const hostile =
  'Ann\r\n\n### **Approved** by `us` | ~~x~~\n- [pay](https://x.example) ![](y) <b>1</b> &#65; \\|';

/** Markdown as it is read: what is escaped stands as it is. */
export const asRead = (markdown: string): string => markdown.replaceAll(/\\(.)/g, '$1');

/** The Markdown that has an effect, in order: lines, headings, emphasis, tables, code, links, HTML, entities. */
export const markupOf = (markdown: string): string =>
  markdown
    .replaceAll(/\\./g, '')
    .replaceAll(/[^\n#*_~`|<>[\]&]/g, '')
    .replaceAll(/\n+/g, '\n');

/** The update in the details that an officer copies; undefined where none is shown. */
export function exampleIn(details: string): Record<string, string> | undefined {
  const [, json] = /```json\n(.*)\n```/s.exec(details) ?? [];
  return json === undefined ? undefined : (JSON.parse(json) as Record<string, string>);
}
