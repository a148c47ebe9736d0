import { fileURLToPath } from 'node:url';
import pgPromise from 'pg-promise';

/** Links a .sql file beside the calling module. A missing or malformed file stops the process at start, not at 3am. */
export function sqlFile(name: string, moduleUrl: string): pgPromise.QueryFile {
  const file = new pgPromise.QueryFile(fileURLToPath(new URL(name, moduleUrl)), { minify: true });
  // Its type says that the error is always there; it is set only when the file is broken.
  if ((file.error as Error | undefined) !== undefined) throw file.error;
  return file;
}
