import { inspect } from 'node:util';
import test from 'ava';
import { ConfigError, databaseUrl, loadConfig, resolveConfig } from '../../platform/config/config.ts';

test('config: nothing given, the development defaults hold', (t) => {
  const config = resolveConfig({ env: {} });
  t.is(config.server.port, 8080);
  t.is(config.auth.accessTokenExpiry, 15 * 60_000);
  t.is(databaseUrl(config), 'postgres://pandora:pandora@127.0.0.1:5432/pandora?sslmode=disable');
});

test('config: the environment wins over YAML, YAML over the default', (t) => {
  const yaml = 'server:\n  port: 1000\n  grpc_port: 1001\n';
  const config = resolveConfig({ env: { SERVER_PORT: '2000' }, yaml });
  t.is(config.server.port, 2000);
  t.is(config.server.grpcPort, 1001);
  t.is(config.server.adminPort, 8081);
});

test('config: several faults, all reported at once', (t) => {
  const env = { SERVER_PORT: 'x', JWT_ACCESS_TOKEN_EXPIRY: '15', OTEL_SAMPLE_RATE: '2' };
  const error = t.throws(() => resolveConfig({ env, yaml: 'sevrer:\n  port: 1\n' }), { instanceOf: ConfigError });
  t.is(error.faults.length, 4);
  for (const name of [...Object.keys(env), 'sevrer']) t.true(error.faults.some((fault) => fault.startsWith(name)));
});

test('config: production with a development secret, refused', (t) => {
  const error = t.throws(() => resolveConfig({ env: { APP_ENV: 'prod' } }), { instanceOf: ConfigError });
  t.true(error.faults.some((fault) => fault.startsWith('JWT_SECRET')));
  t.true(error.faults.some((fault) => fault.startsWith('TEMPORAL_CODEC_KEY')));
});

test('config: a secret, not printed by accident', (t) => {
  const config = resolveConfig({ env: { DB_PASSWORD: 'hunter2-hunter2' } });
  t.notRegex(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}${String(config.database.password)}`, /hunter2/);
  t.is(config.database.password.reveal(), 'hunter2-hunter2');
});

test('config: the committed files of every environment, known keys only', (t) => {
  t.notThrows(() => loadConfig({}));
  for (const name of ['sandbox', 'audit', 'prod']) {
    const error = t.throws(() => loadConfig({ APP_ENV: name }), { instanceOf: ConfigError });
    t.false(
      error.faults.some((fault) => fault.includes('YAML')),
      error.message,
    );
  }
});
