import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { barChart } from './chart.ts';

/** What a benchmark is held to. `value` and `goal` share a unit, which the name says. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly goal: number;
  readonly met: boolean;
}

export interface Report {
  readonly name: string;
  /** What the load was, in a sentence or two. */
  readonly load: string;
  readonly goals: readonly Goal[];
  /** The table, one row a measurement; the first column names it. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** The numeric column that the chart shows. */
  readonly charted: string;
}

/** A goal that is met by being reached. */
export function atLeast(name: string, value: number, goal: number): Goal {
  return { name, value: round(value), goal, met: value >= goal };
}

/** A goal that is met by staying below it. */
export function below(name: string, value: number, goal: number): Goal {
  return { name, value: round(value), goal, met: value < goal };
}

/** Prints the tables and writes bench/results/NAME.json and NAME.svg. */
export function writeReport(report: Report): void {
  const folder = new URL('../results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const { name, load, goals, rows, charted } = report;
  const result = { name, load, machine: machine(), measuredAt: new Date().toISOString(), goals, rows };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
  const bars = rows.map((row) => ({ label: String(Object.values(row)[0]), value: Number(row[charted]) }));
  writeFileSync(new URL(`${name}.svg`, folder), barChart(`${name}: ${charted}`, bars));
  console.log(`\n${name}: ${load}`);
  console.table(rows);
  console.table(goals);
}

/** Rounds to three significant digits, or to whole numbers above 1 000. */
export function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

function machine(): Record<string, string | number> {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: round(totalmem() / 2 ** 30),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}
