export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** Lines said again of a failed test. */
const linesAgain = 60;

/** Counts the tests of a TAP stream line by line. `print` gets what a person wants to read. */
export function createTapCounter(print: (line: string) => void): {
  readonly line: (line: string) => void;
  /**
   * The count, given how the runner ended: it fails as well when it broke off, or when it ran nothing. Prints what
   * failed once more, as nobody finds it among a thousand lines, and last its names, for who keeps only the end.
   */
  readonly end: (exitCode: number | null) => Count;
} {
  let passed = 0;
  let summed = 0;
  const failures: string[] = [];
  const names: string[] = [];
  let more = 0;

  function told(line: string): void {
    print(line);
    if (more > 0) failures.push(line);
    more -= 1;
  }

  return {
    line: (line) => {
      // The runner's own sum also has tests that never ended and hooks that failed.
      summed = Number(/^# fail (\d+)$/.exec(line)?.[1] ?? summed);
      const test = /^(not )?ok \d+ - (.*)$/.exec(line);
      if (test === null) {
        if (!/^(TAP version|1\.\.\d+|# (tests|pass|fail|skip|todo) )/.test(line) && line !== '') told(line);
        return;
      }
      const [, not, title = ''] = test;
      // A directive in capitals marks a test that did not run: it proves nothing.
      const idle = / # [A-Z]+$/.test(title);
      const good = not === undefined && !idle;
      const said = `${good ? '✔' : '✘'} ${title}`;
      if (good) passed += 1;
      else names.push(said);
      more = good ? 0 : linesAgain;
      told(said);
    },
    end: (exitCode) => {
      if (names.length > 0) ['Failed:', ...failures, 'In short:', ...names].forEach(print);
      const unexplained = exitCode !== 0 || passed === 0 ? 1 : 0;
      return { passed, failed: Math.max(names.length, summed, unexplained) };
    },
  };
}
