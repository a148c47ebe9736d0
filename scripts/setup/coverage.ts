import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.ts';

/** Least share of covered lines, in percent, by folder; '' is everything. */
const thresholds = { '': 85, domain: 95, 'matcher/engine': 95 } as const;

export type Summary = Readonly<
  Record<string, { readonly lines: { readonly total: number; readonly covered: number } }>
>;

export interface CoverageResult {
  readonly folder: string;
  readonly percent: number;
  readonly least: number;
}

/** The share of covered lines for each threshold, of a c8 `json-summary` keyed by path from the top of the checkout. */
export function judgeCoverage(summary: Summary): readonly CoverageResult[] {
  return Object.entries(thresholds).map(([folder, least]) => {
    const files = Object.entries(summary).filter(([path]) => folder === '' || path.startsWith(`${folder}/`));
    const sum = (of: 'total' | 'covered'): number => files.reduce((lines, [, file]) => lines + file.lines[of], 0);
    return {
      folder: folder === '' ? 'everything' : folder,
      percent: (100 * sum('covered')) / Math.max(sum('total'), 1),
      least,
    };
  });
}

/** What c8 wrote after the last run. */
export function readCoverage(): Summary {
  const { total: _, ...files } = JSON.parse(
    readFileSync(join(root, 'coverage', 'coverage-summary.json'), 'utf8'),
  ) as Summary;
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [relative(root, path), file]));
}
