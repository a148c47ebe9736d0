/** Makes the Temporal namespace, its search attributes and its schedules where they are missing or have changed. */
import { loadConfig } from '../platform/config/config.ts';
import { setUpTemporal } from '../temporal/setup.ts';

const { env, temporal } = loadConfig(process.env);
await setUpTemporal({ ...temporal, retentionDays: env === 'dev' ? 7 : 30 });
console.log(`Temporal namespace "${temporal.namespace}" is ready at ${temporal.address}.`);
