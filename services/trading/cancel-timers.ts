import { processStart } from '../../domain/processes.ts';
import type { Clock } from '../../platform/clock.ts';
import { isUuidV7, type NewId } from '../../platform/ids.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import {
  type CancelTimer,
  keepCancelTimer,
  listCancelTimers,
  listOverlookedTimers,
  lockCancelTimer,
  setCancelTimer,
  switchOffCancelTimer,
} from '../../storage/trading/cancel-timers.ts';
import { putCancelAlls } from '../../storage/trading/commands.ts';
import type { FindUnfinished } from '../outbox/ports.ts';
import { addressed } from './cancelling.ts';
import type { MarketBook } from './markets.ts';
import type { SendCommands } from './sender.ts';

export type { CancelTimer };

/** A switch as its workflow sees it. */
export interface TimerView {
  readonly userId: string;
  /** Null: every market. */
  readonly symbol: string | null;
  readonly state: 'waiting' | 'fired' | 'off';
  /** ISO 8601; null unless it waits. */
  readonly cancelAt: string | null;
}

/** Dead man's switches: a user's orders end unless he sets it anew in time. */
export interface CancelTimers {
  /**
   * Ends the user's orders, in one market or all, in so many seconds (1 to 86 400), unless it is set anew or switched
   * off before. One for a market and that for all are apart. Throws MARKET_NOT_FOUND or UNAVAILABLE.
   */
  set(userId: string, symbol: string | undefined, seconds: number): Promise<CancelTimer>;
  /** Switches one off, if it is on. Throws MARKET_NOT_FOUND or UNAVAILABLE. */
  switchOff(userId: string, symbol: string | undefined): Promise<void>;
  /** Those that are on. Throws UNAVAILABLE. */
  list(userId: string): Promise<readonly CancelTimer[]>;
  /**
   * Fires a switch that is due, once however often it is asked: its row says that it fired in the commit that has the
   * cancels, and what of them does not reach a matcher, the sweep finds. Answers how it is then; undefined when there
   * is none under this id. What it answers is what its workflow goes by: the row says when that looks again.
   */
  look(timerId: string): Promise<TimerView | undefined>;
  /** Switches whose workflow should have looked and did not: there may be none. */
  readonly findOverlooked: FindUnfinished;
}

export interface CancelTimerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly send: SendCommands;
}

export function createCancelTimers(deps: CancelTimerDeps): CancelTimers {
  const { db, clock, newId, markets } = deps;
  return {
    async set(userId, symbol, seconds) {
      if (symbol !== undefined) await markets.find(symbol);
      const at = clock();
      const timer = { symbol, seconds, cancelAt: new Date(at.getTime() + seconds * 1_000) };
      await db
        .tx('cancel-timer-set', async (tx) => {
          const { timerId, mustWake } = await setCancelTimer(tx, { ...timer, timerId: newId(), userId });
          // Bots renew every second: a workflow that wakes early enough finds that out by itself.
          if (!mustWake) return;
          const start = processStart('cancelAllAfter', timerId);
          const aggregate = `cancel-timer:${timerId}`;
          await addToOutbox(tx, [{ aggregate, kind: 'signal_with_start', signal: 'changed', ...start }], at);
        })
        .catch(unavailableWhenAway);
      return timer;
    },

    async switchOff(userId, symbol) {
      if (symbol !== undefined) await markets.find(symbol);
      await switchOffCancelTimer(db, userId, symbol).catch(unavailableWhenAway);
    },

    list: (userId) => listCancelTimers(db, userId).catch(unavailableWhenAway),
    look: (timerId) => look(timerId, deps),

    async findOverlooked(page) {
      return (await listOverlookedTimers(db, page)).map((timerId) => processStart('cancelAllAfter', timerId));
    },
  };
}

async function look(
  timerId: string,
  { db, clock, newId, markets, send }: CancelTimerDeps,
): Promise<TimerView | undefined> {
  // A workflow that somebody starts by hand may be given anything.
  if (!isUuidV7(timerId)) return undefined;
  const commandIds = (await markets.list()).map(() => newId());
  const at = clock();
  const looked = await db.tx('cancel-timer-look', async (tx) => {
    const timer = await lockCancelTimer(tx, timerId);
    if (timer === undefined) return undefined;
    const { userId, symbol } = timer;
    const isDue = timer.cancelAt !== undefined && timer.cancelAt <= at;
    const cancel = { userId, symbol, commandIds, reason: 'CANCEL_ALL_AFTER' } as const;
    const kept = isDue ? await putCancelAlls(tx, cancel, at) : [];
    const after = isDue ? { cancelAt: undefined, firedAt: at } : timer;
    await keepCancelTimer(tx, timerId, after);
    return { userId, symbol, ...after, commands: kept.map((command) => addressed(command, cancel, at)) };
  });
  if (looked === undefined) return undefined;
  await send(looked.commands);
  const { userId, symbol = null, cancelAt, firedAt } = looked;
  if (cancelAt !== undefined) return { userId, symbol, state: 'waiting', cancelAt: cancelAt.toISOString() };
  return { userId, symbol, state: firedAt === undefined ? 'off' : 'fired', cancelAt: null };
}
