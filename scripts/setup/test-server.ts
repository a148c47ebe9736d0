import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installSystemPackage, missing, onPath, run } from './commands.ts';
import { cacheFolder, once } from './once.mjs';
import { messageOf, say } from './progress.ts';
import { sdkDownload } from './sdk-download.ts';

/** The version in test-server/pom.xml. */
const version = '1.38.0';
const wrapperFolder = fileURLToPath(new URL('test-server/', import.meta.url));
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const java = { what: 'Java with Maven', apt: ['default-jre-headless', 'maven'], brew: ['openjdk', 'maven'] } as const;

/**
 * The executable of Temporal's time-skipping test server: $TEMPORAL_TEST_SERVER, the SDK's download, or the Java server
 * from Maven Central behind a wrapper. What was got once stays in the user's cache and is not looked for again.
 */
export async function findTestServer(): Promise<string> {
  const given = process.env['TEMPORAL_TEST_SERVER'];
  if (given !== undefined) return given;
  const folder = join(cacheFolder, `temporal-test-server-${version}`);
  const wrapper = join(folder, 'temporal-test-server');
  if (existsSync(wrapper)) return wrapper;
  const downloaded = await sdkDownload('temporal-test-server');
  if (downloaded !== undefined) return downloaded;
  await once(folder, fetchJars, () => say('Temporal test server: waiting for another process that fetches it.'));
  return wrapper;
}

async function fetchJars(folder: string): Promise<void> {
  const advice = 'Install Java 17 or newer and Maven, or set TEMPORAL_TEST_SERVER to the executable.';
  if (onPath('java') === undefined || onPath('mvn') === undefined) await installSystemPackage(java);
  if (onPath('java') === undefined || onPath('mvn') === undefined) missing("Temporal's test server", advice);
  say('Temporal test server: fetching its jars with Maven, once.');
  const pom = join(wrapperFolder, 'pom.xml');
  const lib = join(folder, 'lib');
  try {
    await run('mvn', ['-q', '-B', '-f', pom, copyDependencies, `-DoutputDirectory=${lib}`, '-DincludeScope=runtime']);
  } catch (error) {
    missing("Temporal's test server", `${advice}\n${messageOf(error)}`);
  }
  await copyFile(join(wrapperFolder, 'temporal-test-server'), join(folder, 'temporal-test-server'));
}
