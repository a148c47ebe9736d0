import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Branch, environments, isSetting, type Resolved, schema } from './schema.ts';
import type { Setting } from './settings.ts';

/**
 * The whole configuration, typed and frozen. Settings without default or value are undefined only where named below.
 */
export type Config = Resolved<typeof schema>;

/** Every fault of a configuration at once, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of config/{env}.yaml, or undefined when there is none. */
  readonly yaml?: string | undefined;
}

/**
 * Resolves every setting: default ← YAML ← environment. Throws one ConfigError that lists all faults, among them
 * unknown YAML keys and, outside dev, secrets left at their development default.
 */
export function resolveConfig({ env, yaml }: ConfigSources): Config {
  const faults: string[] = [];
  const appEnv = env['APP_ENV'] ?? 'dev';
  const file: unknown = yaml === undefined ? {} : (parse(yaml) ?? {});
  const resolved = resolveBranch(schema, file, '', { env, dev: appEnv === 'dev', faults });
  if (faults.length > 0) throw new ConfigError(faults);
  return resolved as Config;
}

interface Resolving {
  readonly env: ConfigSources['env'];
  readonly dev: boolean;
  readonly faults: string[];
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function resolveBranch(branch: Branch, yaml: unknown, path: string, resolving: Resolving): unknown {
  const given = typeof yaml === 'object' && yaml !== null ? (yaml as Record<string, unknown>) : {};
  const known = new Set(Object.keys(branch).map(snake));
  for (const key of Object.keys(given)) {
    if (!known.has(key)) resolving.faults.push(`${path}${key}: unknown key in the YAML file`);
  }
  const entries = Object.entries(branch).map(([name, node]) => {
    const value = given[snake(name)];
    return [
      name,
      isSetting(node)
        ? resolveSetting(node, value, resolving)
        : resolveBranch(node, value, `${path}${snake(name)}.`, resolving),
    ];
  });
  return Object.freeze(Object.fromEntries(entries));
}

function resolveSetting(setting: Setting<unknown>, yaml: unknown, { env, dev, faults }: Resolving): unknown {
  const given = env[setting.env] === '' ? yaml : (env[setting.env] ?? yaml);
  if (given === undefined) {
    const usable = setting.fallback !== undefined && (dev || !setting.devOnly);
    if (!usable && !setting.optional) faults.push(`${setting.env}: must be set. ${setting.doc}`);
    return setting.fallback;
  }
  if (typeof given === 'string' && /^vault:/i.test(given)) {
    faults.push(`${setting.env}: is a Vault reference, and this build reads secrets from the environment only`);
    return undefined;
  }
  const read = setting.read.safeParse(given);
  if (read.success) return read.data;
  faults.push(`${setting.env}: ${read.error.issues.map((issue) => issue.message).join(', ')}`);
  return undefined;
}

/** Reads `config/{APP_ENV}.yaml` beside the project and the given environment. Throws ConfigError. */
export function loadConfig(env: ConfigSources['env']): Config {
  const appEnv = environments.find((name) => name === (env['APP_ENV'] ?? 'dev'));
  if (appEnv === undefined) throw new ConfigError([`APP_ENV: must be one of ${environments.join(', ')}`]);
  return resolveConfig({ env, yaml: readFileSync(new URL(`../../config/${appEnv}.yaml`, import.meta.url), 'utf8') });
}

/** The connection string of PostgreSQL. Secret: contains the password. */
export function databaseUrl({ database }: Config): string {
  if (database.url !== undefined) return database.url.reveal();
  const { user, password, host, port, name, sslMode } = database;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password.reveal())}`;
  return `postgres://${login}@${host}:${port}/${name}?sslmode=${sslMode}`;
}

/** The connection string of Redis. Secret: contains the password. */
export function redisUrl({ redis }: Config): string {
  if (redis.url !== undefined) return redis.url.reveal();
  return `redis://:${encodeURIComponent(redis.password.reveal())}@${redis.host}:${redis.port}/${redis.db}`;
}
