import test from 'ava';
import { judgeCoverage } from '../../scripts/setup/coverage.ts';

const file = (covered: number) => ({ lines: { total: 100, covered } });

test('judgeCoverage: files of several folders, are summed for their folder and for everything', (t) => {
  const results = judgeCoverage({ 'domain/a.ts': file(90), 'domain/b/c.ts': file(100), 'api/main.ts': file(20) });
  t.deepEqual(results.slice(0, 2), [
    { folder: 'everything', percent: 70, least: 85 },
    { folder: 'domain', percent: 95, least: 95 },
  ]);
});
