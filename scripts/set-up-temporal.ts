/** Makes the Temporal namespace and its search attributes where they are missing. */
import { loadConfig } from '../platform/config/config.ts';
import { setUpTemporal } from '../temporal/setup.ts';

const { env, temporal } = loadConfig(process.env);
await setUpTemporal({ ...temporal, retentionDays: env === 'dev' ? 7 : 30 });
console.log(`Temporal namespace "${temporal.namespace}" is ready at ${temporal.address}.`);
