import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pgPromise from 'pg-promise';
import { invariant } from '../domain/errors.ts';

/** Links a .sql file beside the calling module. A missing or malformed file stops the process at start, not at 3am. */
export function sqlFile(name: string, moduleUrl: string): pgPromise.QueryFile {
  const file = new pgPromise.QueryFile(fileURLToPath(new URL(name, moduleUrl)), { minify: true });
  // Its type says that the error is always there; it is set only when the file is broken.
  if ((file.error as Error | undefined) !== undefined) throw file.error;
  return file;
}

/**
 * As sqlFile(), for statements that run many times a second: parsed and planned once a connection, not at each call.
 * The plan is kept while tables grow, so it must not depend on their size: for functions that see to that themselves,
 * and for look-ups that an index answers whatever the size.
 */
export function preparedFile(
  name: string,
  moduleUrl: string,
): (values: Readonly<Record<string, unknown>>) => pgPromise.PreparedStatement {
  const path = fileURLToPath(new URL(name, moduleUrl));
  const names: string[] = [];
  const statementText = readFileSync(path, 'utf8').replace(/\/\*[^]*?\*\//, '');
  const text = statementText.replace(/\$\{(\w+)\}/g, (_whole, found: string) => {
    const known = names.indexOf(found);
    return `$${known < 0 ? names.push(found) : known + 1}`;
  });
  const statement = { name: `${basename(dirname(path))}/${name}`, text };
  return (given) => {
    const values = names.map((each) => {
      invariant(each in given, `${name} is given ${each}`);
      return given[each];
    });
    return new pgPromise.PreparedStatement({ ...statement, values });
  };
}
