import { parse } from 'csv-parse/sync';

/** One entry of a list: all its names, and when the person was born as far as the list says. */
export interface ListEntry {
  readonly entryId: string;
  readonly names: readonly string[];
  readonly birthYears: readonly number[];
  /** Addresses on chains that belong to it. */
  readonly addresses: readonly string[];
}

export type ListFormat = 'ofac' | 'eu' | 'pep';

/** Reads the entries for natural persons from the text of a list file. Throws when the file is not of that format. */
export function parseList(format: ListFormat, text: string): readonly ListEntry[] {
  return merge(readers[format](text));
}

const readers: Readonly<Record<ListFormat, (text: string) => ListEntry[]>> = {
  /** OFAC SDN.CSV: no header, 12 columns, `-0-` for nothing, aliases and birth in the remarks. */
  ofac: (text) =>
    rows(text, ',', 12).flatMap(([entryId = '', name = '', type = '', ...rest]) => {
      if (type.trim() !== 'individual') return [];
      const remarks = rest.at(-1) ?? '';
      const aliases = [...remarks.matchAll(/(?:a|f|n)\.k\.a\. '([^']+)'/g)].map((match) => match[1] ?? '');
      const born = [...remarks.matchAll(/DOB (?:circa )?(?:\d{1,2} )?(?:\w{3} )?(\d{4})/g)].map((match) =>
        Number(match[1]),
      );
      const addresses = [...remarks.matchAll(/Digital Currency Address - \w+ (\w+)/g)].map((match) => match[1] ?? '');
      return [{ entryId: entryId.trim(), names: [name.trim(), ...aliases], birthYears: born, addresses }];
    }),
  /** EU consolidated list, CSV: a header, semicolons, one row an alias or birth date. */
  eu: (text) =>
    records(text, ';', ['Entity_LogicalId', 'Entity_SubjectType', 'NameAlias_WholeName', 'BirthDate_Year']).flatMap(
      (row) =>
        row['Entity_SubjectType'] === 'P'
          ? [entryOf(row['Entity_LogicalId'], row['NameAlias_WholeName'], row['BirthDate_Year'])]
          : [],
    ),
  /** Politically exposed persons: id, name, birth_date, position, country. */
  pep: (text) =>
    records(text, ',', ['id', 'name', 'birth_date', 'position', 'country']).map((row) =>
      entryOf(row['id'], row['name'], row['birth_date']?.slice(0, 4)),
    ),
};

const entryOf = (entryId = '', name = '', birthYear = ''): ListEntry => ({
  entryId,
  names: name === '' ? [] : [name],
  birthYears: /^\d{4}$/.test(birthYear) ? [Number(birthYear)] : [],
  addresses: [],
});

function rows(text: string, delimiter: string, columns: number): string[][] {
  const read: string[][] = parse(text, { delimiter, relax_quotes: true, skip_empty_lines: true });
  if (read.some((row) => row.length !== columns)) throw new Error(`A row has not ${columns} columns`);
  return read;
}

function records(text: string, delimiter: string, columns: readonly string[]): Record<string, string>[] {
  const read: Record<string, string>[] = parse(text, { delimiter, bom: true, columns: true, skip_empty_lines: true });
  const missing = columns.filter((column) => read.some((record) => record[column] === undefined));
  if (missing.length > 0) throw new Error(`Columns are missing: ${missing.join(', ')}`);
  return read;
}

/** Several rows may speak of one entry. */
function merge(entries: readonly ListEntry[]): readonly ListEntry[] {
  return [...Map.groupBy(entries, ({ entryId }) => entryId)].map(([entryId, parts]) => ({
    entryId,
    names: parts.flatMap(({ names }) => names),
    birthYears: parts.flatMap(({ birthYears }) => birthYears),
    addresses: parts.flatMap(({ addresses }) => addresses),
  }));
}
