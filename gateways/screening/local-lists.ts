import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { nameSimilarity } from '../../domain/compliance/names.ts';
import type { ListHit } from '../../domain/compliance/risk.ts';
import { type ListEntry, type ListFormat, parseList } from './list-files.ts';
import type { AddressScreeningGateway, ScreenedPerson, ScreeningGateway, ScreeningResult } from './screening.ts';

export interface ListSource {
  readonly name: string;
  readonly format: ListFormat;
  readonly about: ListHit['about'];
  /** Fetches the list's text as it is now. */
  readonly read: () => Promise<string>;
}

interface LoadedList extends ListSource {
  readonly version: string;
  readonly entries: readonly ListEntry[];
}

export interface LocalLists extends ScreeningGateway, AddressScreeningGateway {
  /**
   * Takes the lists as they are now. One that cannot be read, is empty, or is more than 10 % smaller than the one in
   * use is left out, and the one in use stays. Answers the sentences about those left out.
   */
  refresh(): Promise<readonly string[]>;
}

/** From this similarity on somebody may be the one on the list. */
const hitFrom = 88;
/** The birth year may be off by this much in a list; beyond, only a name that is all but equal counts. */
const yearTolerance = 1;
const otherYearFrom = 97;

/** Searches list files by name, tolerant of spelling. Read at the first screening; `refresh` reads them again. */
export function createLocalLists(sources: readonly ListSource[]): LocalLists {
  const inUse = new Map<string, LoadedList>();

  async function load(source: ListSource): Promise<string | undefined> {
    try {
      const text = await source.read();
      const entries = parseList(source.format, text);
      const before = inUse.get(source.name)?.entries.length ?? 0;
      if (entries.length === 0) return `${source.name} is empty`;
      if (entries.length < before * 0.9) return `${source.name} shrank from ${before} to ${entries.length} entries`;
      inUse.set(source.name, { ...source, entries, version: hash('sha256', text).slice(0, 12) });
      return undefined;
    } catch (error) {
      return `${source.name} could not be read: ${error instanceof Error ? error.message : typeof error}`;
    }
  }

  const refresh = async (): Promise<readonly string[]> =>
    (await Promise.all(sources.map(load))).filter((fault) => fault !== undefined);

  async function listsInUse(): Promise<readonly LoadedList[]> {
    const faults = inUse.size === sources.length ? [] : await refresh();
    // A list that was never good means that nobody can be called clear.
    if (inUse.size < sources.length) throw new Error(`Screening is not possible: ${faults.join('; ')}`);
    // In the order they were given, not the one they were read in: what was checked reads the same every time.
    return sources.flatMap(({ name }) => inUse.get(name) ?? []);
  }

  const versionsOf = (lists: readonly LoadedList[]): string =>
    lists.map(({ name, version }) => `${name} ${version}`).join(', ');

  return {
    refresh,
    async screen(person): Promise<ScreeningResult> {
      const lists = await listsInUse();
      return { hits: lists.flatMap((list) => search(list, person)), source: versionsOf(lists) };
    },
    async screenAddress(address) {
      const lists = await listsInUse();
      const wanted = address.toLowerCase();
      const listed = lists.some(({ entries }) =>
        entries.some(({ addresses }) => addresses.some((each) => each.toLowerCase() === wanted)),
      );
      return { listed, source: versionsOf(lists) };
    },
  };
}

function search({ name: list, about, entries }: LoadedList, person: ScreenedPerson): ListHit[] {
  const born = Number(person.dateOfBirth.slice(0, 4));
  return entries.flatMap(({ entryId, names, birthYears }) => {
    const similarity = Math.max(0, ...names.map((name) => nameSimilarity(name, person.fullName)));
    const ageFits = birthYears.length === 0 || birthYears.some((year) => Math.abs(year - born) <= yearTolerance);
    return similarity >= (ageFits ? hitFrom : otherYearFrom) ? [{ list, entryId, about, similarity }] : [];
  });
}

const sample = (file: string) => (): Promise<string> => readFile(new URL(`lists/${file}`, import.meta.url), 'utf8');

/** The samples that are shipped: invented persons in the formats of the public lists. */
export const sampleLists: readonly ListSource[] = [
  { name: 'OFAC SDN', format: 'ofac', about: 'sanctions', read: sample('sdn.csv') },
  { name: 'EU consolidated', format: 'eu', about: 'sanctions', read: sample('eu.csv') },
  { name: 'PEP', format: 'pep', about: 'pep', read: sample('pep.csv') },
];
