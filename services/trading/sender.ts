import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { commandField, commandStream, type TradingCommand, writeCommand } from '../../domain/trading/command.ts';
import type { Logger } from '../../platform/log.ts';

export interface AddressedCommand {
  readonly symbol: string;
  readonly command: TradingCommand;
}

/**
 * Sends committed commands to their matchers, in one round trip. True when Redis confirmed them all within
 * `patienceMs`. Never rejects: what does not arrive, the matcher's sweep finds in PostgreSQL.
 */
export type SendCommands = (commands: readonly AddressedCommand[]) => Promise<boolean>;

interface Deps {
  readonly redis: Redis;
  readonly log: Logger;
  readonly patienceMs?: number;
}

export function createSender({ redis, log, patienceMs = 100 }: Deps): SendCommands {
  async function add(commands: readonly AddressedCommand[]): Promise<boolean> {
    const pipeline = redis.pipeline();
    for (const { symbol, command } of commands) {
      pipeline.xadd(commandStream(symbol), '*', commandField, writeCommand(command));
    }
    try {
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
      return true;
    } catch (err) {
      log.warn({ err, commands: commands.length }, 'Commands are committed but not sent; the matcher will find them');
      return false;
    }
  }

  return async (commands) => {
    if (commands.length === 0) return true;
    const over = new AbortController();
    const late = sleep(patienceMs, false, { signal: over.signal }).catch(() => false);
    return Promise.race([add(commands), late]).finally(() => over.abort());
  };
}
