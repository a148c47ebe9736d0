/**
 * Dead letters of the running system, or of DATABASE_URL and REDIS_URL:
 *   node scripts/dlq.ts                              how many each stream has
 *   node scripts/dlq.ts list STREAM                  the first hundred of a stream
 *   node scripts/dlq.ts show STREAM ID               one as it was sent
 *   node scripts/dlq.ts replay STREAM ID|all         gives them to their consumers again
 *   node scripts/dlq.ts drop STREAM ID|all           removes them
 */
import { userInfo } from 'node:os';
import { Redis } from 'ioredis';
import { DomainError } from '../domain/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { createIds } from '../platform/ids.ts';
import { createDeadLetterDesk, type DeadLetterDesk } from '../services/events/dead-letter-desk.ts';
import { openDatabase } from '../storage/db.ts';
import { reportFault, SetUpError } from './setup/progress.ts';
import { requireRunning } from './setup/running.ts';

const usage = 'Say nothing, or `list STREAM`, `show STREAM ID`, `replay STREAM ID|all` or `drop STREAM ID|all`.';

const given = (name: string): string => process.env[name] ?? requireRunning().env[name] ?? '';

async function serve(desk: DeadLetterDesk, [verb, stream, id]: readonly string[]): Promise<void> {
  if (verb === undefined) {
    const streams = (await desk.overview()).filter(({ letters }) => letters > 0);
    if (streams.length === 0) console.log('No dead letters.');
    else console.table(streams);
    return;
  }
  if (stream === undefined || (id === undefined) !== (verb === 'list')) throw new SetUpError(usage);
  const meant = { stream, id: id ?? '' };
  switch (verb) {
    case 'list': {
      const letters = await desk.list(stream);
      console.table(letters.map(({ id: entry, group, tries, error }) => ({ id: entry, group, tries, error })));
      return;
    }
    case 'show':
      console.log(JSON.stringify(await desk.show(meant), null, 2));
      return;
    case 'replay':
      console.log(`${await desk.replay(meant)} replayed.`);
      return;
    case 'drop':
      console.log(`${await desk.drop(meant)} dropped.`);
      return;
    default:
      throw new SetUpError(usage);
  }
}

async function main(): Promise<void> {
  const { db, close } = openDatabase({
    connectionString: given('DATABASE_URL'),
    poolSize: 1,
    applicationName: 'dlq',
    statementTimeoutMs: 30_000,
  });
  const redis = new Redis(given('REDIS_URL'), { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined); // The command that fails says so.
  try {
    const operator = userInfo().username;
    const desk = createDeadLetterDesk({ db, redis, clock: systemClock, newId: createIds(systemClock), operator });
    await serve(desk, process.argv.slice(2));
  } catch (error) {
    throw error instanceof DomainError ? new SetUpError(error.message) : error;
  } finally {
    redis.disconnect();
    await close();
  }
}

await main().catch(reportFault);
