/**
 * Writes every scenario of the matcher as JSON: node write-scenarios.ts FOLDER COMMANDS. A process of its own, so that
 * those that measure have not played a book before.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildScenario, scenarioNames } from './scenarios.ts';

const [folder = '', count] = process.argv.slice(2);
for (const name of scenarioNames) {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(buildScenario(name, Number(count))));
}
