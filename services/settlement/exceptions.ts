import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import { bustApprovals, type ParkedTradeView } from '../../domain/ledger/parked-trade.ts';
import { DomainError, invariant } from '../../domain/errors.ts';
import { shortestDecimal } from '../../domain/money.ts';
import type { Origin } from '../../domain/origin.ts';
import { processId } from '../../domain/processes.ts';
import type { NewId } from '../../platform/ids.ts';
import { listDecisions } from '../../storage/compliance/decisions.ts';
import { brokenRule } from '../../storage/db-errors.ts';
import type { Db } from '../../storage/db.ts';
import {
  endParking,
  findParkedTrade,
  keepParkReason,
  lockParkedTrade,
  type ParkedTrade,
  releaseBusted,
} from '../../storage/ledger/parked-trades.ts';
import { isPosted, postTrades } from '../../storage/ledger/posting.ts';
import { addToOutbox, type OutboxEntry } from '../../storage/outbox/outbox.ts';
import { decideByCode, type Recorded, type SentDecision, type Through } from '../compliance/by-code.ts';
import { countDecision, decisionDetails, type ProvenDecision } from '../compliance/decisions.ts';
import { revisionOf } from '../compliance/desk-facts.ts';
import type { IdentityService } from '../identity/identity.ts';
import { createRecorder, tellOfUser } from '../identity/records.ts';
import { balancesChanged } from '../ledger/notices.ts';
import { settlementAggregate, tradeEvent } from './events.ts';
import type { TradeDesk } from './ports.ts';
import type { SettlementDeps } from './settlement.ts';

/** What became of another try. */
export interface Retried {
  readonly settled: boolean;
  readonly message: string;
}

/** Trades that settlement set aside: what people do with them. */
export interface SettlementExceptions {
  /** What officers see of a parked trade; undefined for any other. */
  describe(tradeId: string): Promise<ParkedTradeView | undefined>;
  /** Settles it exactly as it was made, once. When it still breaks a rule, that is kept and nothing moves. */
  retry(tradeId: string): Promise<Retried>;
  /**
   * Takes it back for two officers: both reservations are released and its candles made anew; what its orders executed
   * stays. Throws what `proveOfficer` and `countDecision` throw, TRADE_NOT_FOUND, and RELEASE_EXCEEDS_RESERVATION or
   * RESERVATION_NOT_FOUND when a side no longer has it reserved: then nothing is recorded.
   */
  bust(tradeId: string, decision: SentDecision, through: Through): Promise<Recorded>;
}

export interface ExceptionDeps extends Omit<SettlementDeps, 'trades'> {
  readonly trades: TradeDesk;
  readonly identity: Pick<IdentityService, 'proveOfficer'>;
}

/** A parked trade and what it is. */
interface Found {
  readonly parked: ParkedTrade;
  readonly trade: CommittedTrade;
}

export function createSettlementExceptions(deps: ExceptionDeps): SettlementExceptions {
  const { db, trades } = deps;
  return {
    async describe(tradeId) {
      const found = await withTrade(trades, db, await findParkedTrade(db, tradeId));
      return found && viewOf(found, await listDecisions(db, { subject: 'trade', subjectId: tradeId }));
    },
    retry: createRetry(deps),
    bust: createBust(deps),
  };
}

async function withTrade(trades: TradeDesk, at: Db, parked: ParkedTrade | undefined): Promise<Found | undefined> {
  if (parked === undefined) return undefined;
  const trade = await trades.find(at, parked.tradeId);
  invariant(trade !== undefined, 'a parked trade is among the trades');
  return { parked, trade };
}

async function lock(trades: TradeDesk, tx: Db, tradeId: string): Promise<Found> {
  const found = await withTrade(trades, tx, await lockParkedTrade(tx, tradeId));
  if (found === undefined) throw notFound();
  return found;
}

const usersTold = (newId: NewId, { symbol, buyerUserId, sellerUserId }: CommittedTrade, at: Date): OutboxEntry =>
  balancesChanged(newId, { aggregate: settlementAggregate(symbol), userIds: [buyerUserId, sellerUserId], at });

function createRetry({ db, clock, newId, log, trades, kickOutbox }: ExceptionDeps): SettlementExceptions['retry'] {
  const settle = (tradeId: string): Promise<Retried> =>
    db.tx('retry-settlement', async (tx) => {
      const at = clock();
      const { parked, trade } = await lock(trades, tx, tradeId);
      if (parked.state !== 'parked') return { settled: parked.state === 'settled', message: `It is ${parked.state}.` };
      if (!(await isPosted(tx, tradeId))) await postTrades(tx, trade.symbol, [trade], at);
      await endParking(tx, { tradeId, state: 'settled', at });
      await addToOutbox(tx, [usersTold(newId, trade, at)], at);
      return { settled: true, message: 'Settled.' };
    });

  return async (tradeId) => {
    try {
      const done = await settle(tradeId);
      kickOutbox();
      return done;
    } catch (error) {
      const reason = brokenRule(error);
      if (reason === undefined) throw error;
      await keepParkReason(db, tradeId, reason);
      log.warn({ trade_id: tradeId, reason }, 'A parked trade still cannot be settled');
      return { settled: false, message: `It still cannot be settled: ${reason}. Nothing was moved.` };
    }
  };
}

function createBust({ clock, newId, trades, kickOutbox, identity }: ExceptionDeps): SettlementExceptions['bust'] {
  const record = createRecorder({ newId });

  async function takeBack(tx: Db, { parked, trade }: Found, at: Date): Promise<void> {
    const { tradeId } = trade;
    await releaseBusted(tx, trade, at);
    const listed = await trades.bust(tx, tradeId, at);
    const ended = await endParking(tx, { tradeId, state: 'busted', at });
    invariant(listed && ended, 'a parked trade that is locked can be taken back');
    const busted = tradeEvent('wallet.trade.busted', newId(), trade, parked.reason, at);
    const parties = [...new Set([trade.buyerUserId, trade.sellerUserId])];
    const payload = { trade_id: tradeId, symbol: trade.symbol };
    const origin = { traceId: tradeId.replaceAll('-', '') };
    const told = parties.map((userId) => tellOfUser(newId(), { userId, type: 'trade.busted', payload }, origin, at));
    await addToOutbox(tx, [busted, usersTold(newId, trade, at), ...told], at);
  }

  async function decide(tx: Db, tradeId: string, decision: ProvenDecision, origin: Origin): Promise<Recorded> {
    const found = await lock(trades, tx, tradeId);
    const facts = factsOf(found);
    const { first, approvals } = await countDecision(tx, { newId }, facts, decision);
    if (!first) return answer(approvals);
    const { officerId, at } = decision;
    const details = decisionDetails(facts.workflowId, decision);
    const what = { action: 'trade.bust', resource: 'trade', resourceId: tradeId, details };
    await record(tx, { ...what, actor: 'officer', userId: officerId, origin, at });
    if (approvals >= bustApprovals) await takeBack(tx, found, at);
    return answer(approvals);
  }

  return async (tradeId, sent, through) => {
    if (through.workflowId !== processId('settlementException', tradeId)) throw notFound();
    const recorded = await decideByCode({ clock, identity }, { verb: 'bust', sent, through }, (tx, decision, origin) =>
      decide(tx, tradeId, decision, origin),
    );
    kickOutbox();
    return recorded;
  };
}

const states = { parked: 'REVIEW', settled: 'SETTLED', busted: 'BUSTED' } as const;

function viewOf(found: Found, decisions: ParkedTradeView['decisions']): ParkedTradeView {
  const { parked, trade } = found;
  return {
    tradeId: trade.tradeId,
    symbol: trade.symbol,
    tradeSeq: trade.tradeSeq,
    state: states[parked.state],
    reason: parked.reason,
    parkedAt: parked.parkedAt.toISOString(),
    buyerUserId: trade.buyerUserId,
    sellerUserId: trade.sellerUserId,
    buyerOrderId: trade.buyerOrderId,
    sellerOrderId: trade.sellerOrderId,
    baseAmount: shortestDecimal(trade.baseAmount),
    quoteAmount: shortestDecimal(trade.quoteAmount),
    buyerFee: shortestDecimal(trade.buyerFee),
    sellerFee: shortestDecimal(trade.sellerFee),
    buyerRelease: shortestDecimal(trade.buyerRelease),
    revision: tradeRevision(found),
    decisions,
  };
}

/** What is decided on: the trade as it is committed, and why it waits. */
const tradeRevision = ({ parked, trade }: Found): string => revisionOf([trade, parked.reason]);

const factsOf = (found: Found) =>
  ({
    subject: 'trade',
    subjectId: found.trade.tradeId,
    workflowId: processId('settlementException', found.trade.tradeId),
    open: found.parked.state === 'parked',
    state: found.parked.state,
    revision: tradeRevision(found),
    userIds: [found.trade.buyerUserId, found.trade.sellerUserId],
  }) as const;

const answer = (approvals: number): Recorded => ({
  recorded: true,
  message:
    approvals >= bustApprovals
      ? 'Recorded: the trade is taken back.'
      : `Recorded: ${approvals} of ${bustApprovals} approvals.`,
});

const notFound = (): DomainError => new DomainError('TRADE_NOT_FOUND', 'There is no such parked trade.');
