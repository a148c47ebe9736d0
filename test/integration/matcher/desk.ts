import type { MarketStatus } from '../../../domain/trading/market.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createAssetBook } from '../../../services/ledger/assets.ts';
import { type ChangedMarket, createMarketDesk, type TermsChange } from '../../../services/trading/market-desk.ts';
import { createOutcomes } from '../../../services/trading/outcomes.ts';
import { createSender, type SendCommands } from '../../../services/trading/sender.ts';
import { findOutcomes } from '../../../storage/trading/commands.ts';
import type { Kit } from './kit.ts';
import { newId, symbol } from './market.ts';

const by = { userId: newId(), origin: { traceId: '0'.repeat(32) } };

export interface Desk {
  change(rules: TermsChange): Promise<ChangedMarket>;
  become(status: MarketStatus): Promise<ChangedMarket>;
}

/** The desk of an administrator who always changes the newest version. */
export function openDesk({ database: { db }, redis }: Kit, send?: SendCommands): Desk {
  const desk = createMarketDesk({
    db,
    clock: () => new Date(),
    newId,
    assets: createAssetBook({ db }),
    send: send ?? createSender({ redis: redis.redis, log: silentLogger, patienceMs: 2_000 }),
    awaitOutcome: createOutcomes({
      find: (ids) => findOutcomes(db, ids),
      log: silentLogger,
      monotonicMs: () => performance.now(),
    }),
  });
  const version = async (): Promise<number> => (await desk.list())[0]?.version ?? 0;
  const change = async (rules: TermsChange) => desk.change(symbol, await version(), rules, by);
  return { change, become: (status) => change({ status }) };
}
