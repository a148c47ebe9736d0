import { loadConfig } from '../../platform/config/config.ts';
import { runProcess } from '../../platform/lifecycle.ts';
import { createLogger } from '../../platform/log.ts';
import { systemClock } from '../../platform/clock.ts';
import { startCatcher } from './catcher.ts';

const config = loadConfig(process.env);
const log = createLogger({ name: 'mail-catcher', level: config.log.level });

await runProcess(log, config.server.shutdownTimeout, async (lifecycle) => {
  const { catcherSmtpPort, inboxPort } = config.mail;
  const catcher = await startCatcher({
    host: config.server.host,
    smtpPort: catcherSmtpPort,
    inboxPort,
    clock: systemClock,
  });
  lifecycle.onStop('catcher', () => catcher.close());
  log.info({ port: catcher.smtpPort }, 'Catching mail');
});
