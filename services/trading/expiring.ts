import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Database } from '../../storage/db.ts';
import { putExpiries } from '../../storage/trading/commands.ts';
import type { MarketBook } from './markets.ts';
import type { SendCommands } from './sender.ts';

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly send: SendCommands;
}

/**
 * Wakes the markets whose book holds DAY orders that are due: a command would end them, and none came. Answers how many
 * there were. Safe to repeat; what does not reach a matcher, its sweep finds.
 */
export type ExpireDayOrders = () => Promise<number>;

export const createExpiring =
  ({ db, clock, newId, markets, send }: Deps): ExpireDayOrders =>
  async () => {
    const commandIds = (await markets.list()).map(() => newId());
    const kept = await putExpiries(db, commandIds, clock());
    await send(kept.map(({ symbol, commandId }) => ({ symbol, command: { kind: 'EXPIRE', commandId } })));
    return kept.length;
  };
