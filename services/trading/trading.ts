import type { Redis } from 'ioredis';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import type { Database } from '../../storage/db.ts';
import { findOutcomes } from '../../storage/trading/commands.ts';
import type { AssetBook } from '../ledger/assets.ts';
import { type Amending, createAmending } from './amending.ts';
import { type CancelTimers, createCancelTimers } from './cancel-timers.ts';
import { type Cancelling, createCancelling } from './cancelling.ts';
import { createExpiring, type ExpireDayOrders } from './expiring.ts';
import { createGate } from './gate.ts';
import { createMarketDesk, type MarketDesk } from './market-desk.ts';
import { createMarketBook, type MarketBook } from './markets.ts';
import { createOrderLists, type OrderLists } from './order-lists.ts';
import { createOrderReads, findTakenIn, type OrderReads } from './orders.ts';
import { createOutcomes } from './outcomes.ts';
import { createPlacing, type Placing } from './placing.ts';
import { createPlacingBatcher } from './placing-batcher.ts';
import { createSeeding, type Seeding } from './seed.ts';
import { createSender } from './sender.ts';

export interface TradingDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly assets: AssetBook;
  /** Milliseconds on a clock that never steps. */
  readonly monotonicMs: () => number;
  readonly batchWindowMs: number;
  readonly batchSize: number;
  /** Commands that may wait for one matcher before new orders are refused. */
  readonly maxQueued: number;
}

/** Markets and orders, up to the matcher's door. */
export interface TradingService {
  readonly markets: MarketBook;
  readonly marketDesk: MarketDesk;
  readonly placing: Placing;
  readonly orderLists: OrderLists;
  readonly amending: Amending;
  readonly cancelling: Cancelling;
  readonly cancelTimers: CancelTimers;
  readonly expireDayOrders: ExpireDayOrders;
  readonly orders: OrderReads;
  readonly seeding: Seeding;
}

export function createTradingService(deps: TradingDeps): TradingService {
  const markets = createMarketBook(deps);
  const send = createSender(deps);
  const gate = createGate(deps);
  const awaitTakenIn = createOutcomes({ ...deps, find: (ids) => findTakenIn(deps.db, ids) });
  const awaitOutcome = createOutcomes({ ...deps, find: (ids) => findOutcomes(deps.db, ids) });
  const batcher = createPlacingBatcher({ ...deps, send });
  const cancelling = createCancelling({ ...deps, markets, send, awaitOutcome });
  return {
    markets,
    marketDesk: createMarketDesk({ ...deps, send, awaitOutcome }),
    placing: createPlacing({ ...deps, markets, gate, batcher, awaitTakenIn }),
    orderLists: createOrderLists({ ...deps, markets, gate, batcher, cancelling }),
    amending: createAmending({ ...deps, markets, send, gate, awaitOutcome }),
    cancelling,
    cancelTimers: createCancelTimers({ ...deps, markets, send }),
    expireDayOrders: createExpiring({ ...deps, markets, send }),
    orders: createOrderReads(deps),
    seeding: createSeeding(deps),
  };
}
