import { systemClock } from '../platform/clock.ts';
import { databaseUrl, loadConfig, redisUrl } from '../platform/config/config.ts';
import { createLogger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { createExchange } from '../services/exchange.ts';
import { openDatabase } from '../storage/db.ts';
import { devStaff } from './staff.ts';

/** Puts into a database what an exchange needs to begin with. Safe to repeat: what is there stays as it is. */
async function seed(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger({ name: 'seed', level: 'error' });
  const { db, close } = openDatabase({
    connectionString: databaseUrl(config),
    poolSize: 2,
    applicationName: 'seed',
    statementTimeoutMs: config.database.statementTimeout,
  });
  const redis = openRedis(redisUrl(config), log);
  try {
    const exchange = await createExchange({ config, log, clock: systemClock, db, redis });
    await exchange.trading.seeding();
    if (config.env === 'dev') {
      await exchange.identity.staff.seed(devStaff);
      for (const { role, email, password } of devStaff) console.log(`  ${role.padEnd(14)}${email} / ${password}`);
      console.log('  Their codes   make totp');
    }
  } finally {
    redis.disconnect();
    await close();
  }
}

await seed();
