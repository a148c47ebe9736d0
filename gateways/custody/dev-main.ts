import { systemClock } from '../../platform/clock.ts';
import { loadConfig } from '../../platform/config/config.ts';
import { runProcess } from '../../platform/lifecycle.ts';
import { createLogger } from '../../platform/log.ts';
import { startDevCustody } from './dev-server.ts';

const config = loadConfig(process.env);
const log = createLogger({ name: 'dev-custody', level: config.log.level });

await runProcess(log, config.server.shutdownTimeout, async (lifecycle) => {
  const { devPort: port, devBlockTime: blockMs, devFile: file } = config.custody;
  const { host } = config.server;
  const custody = await startDevCustody({ host, port, clock: systemClock, blockMs, file });
  lifecycle.onStop('custody', () => custody.close());
  log.info({ port: custody.port }, 'The development custodian listens');
});
