import { randomUUID } from 'node:crypto';
import { Secret } from 'otpauth';
import { processId } from '../../domain/processes.ts';
import { systemClock } from '../../platform/clock.ts';
import { loadConfig } from '../../platform/config/config.ts';
import { silentLogger } from '../../platform/log.ts';
import type { SentDecision, Through } from '../../services/compliance/by-code.ts';
import { createExchange, type Exchange } from '../../services/exchange.ts';
import type { AdjustmentRequest } from '../../services/ledger/adjustments.ts';
import { createSettlementService } from '../../services/settlement/settlement.ts';
import type { Database } from '../../storage/db.ts';
import { lastTradeSeq, listTradesAfter } from '../../storage/trading/matching-trades.ts';
import { createTestDatabase } from '../_support/database.ts';
import { createTestRedis } from '../_support/redis.ts';
import { until } from '../_support/until.ts';
import { openMatcher } from '../integration/matcher/kit.ts';

export const symbol = 'BTC/USDT';

export type Correction = Pick<AdjustmentRequest, 'userId' | 'asset' | 'amount' | 'direction'>;

export interface ExchangeKit {
  readonly db: Database;
  readonly exchange: Exchange;
  /** Settles what is matched; `broken`, with trades that seem to cost more than anybody reserved. */
  readonly settle: (broken: boolean) => Promise<void>;
  readonly parked: () => Promise<readonly string[]>;
  /** Has two officers take a parked trade back. */
  readonly bust: (tradeId: string) => Promise<void>;
  /** Has two officers correct what a customer has; refused where she has less. */
  readonly adjust: (wanted: Correction) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** All use cases of an exchange with its seeded markets and a matcher, in this process, over a database of its own. */
export async function createExchangeKit(): Promise<ExchangeKit> {
  const { db, drop } = await createTestDatabase();
  const { redis, url, drop: dropRedis } = await createTestRedis();
  const config = loadConfig({ APP_ENV: 'dev', ARGON2_MEMORY_KIB: '1024' });
  const exchange = await createExchange({ config, log: silentLogger, clock: systemClock, db, redis });
  await exchange.trading.seeding();
  const { stop } = openMatcher({ db }, { url }, { symbols: [symbol] });
  await until(async () => {
    const text = `SELECT FROM trading.market_state WHERE symbol = $1 AND lease_until > now()`;
    return (await db.oneOrNone(text, [symbol])) !== null;
  });
  const deps = { db, clock: systemClock, newId: exchange.newId, log: silentLogger, kickOutbox: () => undefined };
  const broken = createSettlementService({
    ...deps,
    trades: {
      lastSeq: lastTradeSeq,
      async listAfter(...of) {
        return (await listTradesAfter(...of)).map((trade) => ({ ...trade, quoteAmount: '1000000000000' }));
      },
    },
  });
  return {
    db,
    exchange,
    async settle(isBroken) {
      await (isBroken ? broken : exchange.settlement).settleTrades(symbol);
    },
    async parked() {
      const rows = await db.manyOrNone<{ trade_id: string }>(
        `SELECT trade_id FROM ledger.parked_trades WHERE state = 'parked' ORDER BY trade_seq`,
      );
      return rows.map(({ trade_id }) => trade_id);
    },
    bust: (tradeId) => bust(exchange, tradeId),
    adjust: (wanted) => adjust(exchange, wanted),
    async close() {
      await stop();
      await dropRedis();
      await drop();
    },
  };
}

async function bust({ identity, settlementExceptions }: Exchange, tradeId: string): Promise<void> {
  const revision = (await settlementExceptions.describe(tradeId))?.revision ?? '';
  await byTwoOfficers(identity, processId('settlementException', tradeId), (said, through) =>
    settlementExceptions.bust(tradeId, { ...said, revision }, through),
  );
}

async function adjust({ identity, newId, adjustments }: Exchange, wanted: Correction): Promise<void> {
  const admin = { userId: newId(), sessionId: newId(), role: 'admin', kycStatus: 'pending' } as const;
  const request = { ...wanted, clientAdjustmentId: newId(), reason: 'a story', reference: undefined };
  const by = { ...admin, lastFactorAt: systemClock() };
  const { adjustmentId } = await adjustments.request(by, request, { traceId: '0'.repeat(32) });
  const revision = (await adjustments.steps.describe(adjustmentId))?.revision ?? '';
  await byTwoOfficers(identity, processId('adjustment', adjustmentId), (said, through) =>
    adjustments.decide(adjustmentId, { ...said, revision }, through),
  );
}

/** Approves as two officers do, new ones each time: a code counts once, and lasts for half a minute. */
async function byTwoOfficers(
  { staff }: Exchange['identity'],
  workflowId: string,
  approve: (said: Omit<SentDecision, 'revision'>, through: Through) => Promise<unknown>,
): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    const officer = `officer-${randomUUID()}@example.com`;
    const totpSecret = new Secret({ size: 20 }).base32;
    await staff.seed([{ email: officer, password: 'a sentence nobody guesses', role: 'compliance', totpSecret }]);
    const said = {
      officer,
      code: await staff.currentCode(officer),
      outcome: 'approve',
      reason: 'as it has to be',
    } as const;
    const through = { workflowId, runId: randomUUID(), updateId: randomUUID() };
    await approve({ ...said, acceptedAt: systemClock() }, through);
  }
}
