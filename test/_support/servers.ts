/** Where the servers of this test run are. `npm test` starts them and says so in the environment. */
function given(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: run tests with \`npm test -- <files>\`.`);
  return value;
}

export const servers = {
  /** The migrated template database: cloned, never connected to. */
  templateDatabaseUrl: (): string => given('TEST_DATABASE_URL'),
  redisUrl: (): string => given('TEST_REDIS_URL'),
  temporalAddress: (): string => given('TEST_TEMPORAL_ADDRESS'),
  timeSkippingExecutable: (): string => given('TEMPORAL_TEST_SERVER'),
};
