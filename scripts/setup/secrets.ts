import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';

const makers = {
  DB_PASSWORD: () => randomBytes(24).toString('hex'),
  REDIS_PASSWORD: () => randomBytes(24).toString('hex'),
  JWT_SECRET: () => randomBytes(32).toString('hex'),
  JWT_PRIVATE_KEY: () =>
    Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64'),
  AUTH_DATA_KEY: () => randomBytes(32).toString('base64'),
  SERVICE_TOKEN: () => randomBytes(24).toString('hex'),
  TEMPORAL_CODEC_KEY: () => randomBytes(32).toString('base64'),
} as const;

/** The secrets of a development system, under the names the configuration reads. */
export type DevSecrets = Readonly<Record<keyof typeof makers, string>>;

/** Reads the checkout's development secrets, making those that are missing: random, once, for the owner only. */
export function devSecrets(file: string): DevSecrets {
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const entries = Object.entries(makers).map(([name, make]) => [name, kept[name] ?? make()] as const);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, entries.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  return Object.fromEntries(entries) as DevSecrets;
}
