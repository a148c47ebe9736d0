import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { CommittedTrade } from '../../../domain/ledger/ledger.ts';
import { processId } from '../../../domain/processes.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createLedgerService } from '../../../services/ledger/ledger.ts';
import { createSettlementExceptions } from '../../../services/settlement/exceptions.ts';
import { createSettlementService } from '../../../services/settlement/settlement.ts';
import { addAssets } from '../../../storage/ledger/assets.ts';
import { reserve } from '../../../storage/ledger/reservations.ts';
import { createComplianceKit, type Officer } from '../compliance/kit.ts';
import { outcomeOf } from '../ledger/kit.ts';

const kit = await createComplianceKit();
const { db, now: clock, identity } = kit;
const { newId } = kit.deps;
const committed: CommittedTrade[] = [];
const busted: string[] = [];
const ledger = createLedgerService({ db, clock, newId, findTrade: async () => undefined });
await addAssets(db, [
  { asset: 'BTC', scale: 8, name: 'Bitcoin' },
  { asset: 'USDT', scale: 6, name: 'Tether' },
]);
test.after.always(() => kit.close());

const common = { db, clock, newId, log: silentLogger, kickOutbox: () => undefined };
const settlement = createSettlementService({
  ...common,
  trades: {
    listAfter: async (_db, _symbol, seq, limit) => committed.filter(({ tradeSeq }) => tradeSeq > seq).slice(0, limit),
    lastSeq: async () => committed.length,
  },
});
const exceptions = createSettlementExceptions({
  ...common,
  identity,
  trades: {
    find: async (_db, id) => committed.find(({ tradeId }) => tradeId === id),
    bust: async (_tx, id) => busted.push(id) > 0,
  },
});

const userWith = async (asset: string, amount: string): Promise<string> => {
  const userId = newId();
  await ledger.funds.creditDeposit(db, { id: newId(), amount, rail: 'test' }, { userId, asset });
  return userId;
};
const shown = async (userId: string, asset: string): Promise<string> => {
  const found = (await ledger.wallets.balances(userId)).find((each) => each.asset === asset);
  return found === undefined ? 'none' : `${found.available}/${found.reserved}`;
};

/** A trade of 0.01 BTC at 100 whose buyer has reserved 2 USDT too few beside a good one; settled as far as it goes. */
async function parkOne(): Promise<CommittedTrade> {
  const [buyerUserId, sellerUserId] = [await userWith('USDT', '10'), await userWith('BTC', '1')];
  const [buyerOrderId, sellerOrderId] = [newId(), newId()];
  const wanted = [
    { reservationId: buyerOrderId, userId: buyerUserId, asset: 'USDT', amount: '1.5', reason: 'BUY_ORDER' },
    { reservationId: sellerOrderId, userId: sellerUserId, asset: 'BTC', amount: '0.01', reason: 'SELL_ORDER' },
  ];
  await reserve(db, 'order', wanted, clock());
  const trade: CommittedTrade = {
    tradeId: newId(),
    symbol: 'BTC/USDT',
    tradeSeq: committed.length + 1,
    buyerUserId,
    sellerUserId,
    buyerOrderId,
    sellerOrderId,
    buyerReservationId: buyerOrderId,
    sellerReservationId: sellerOrderId,
    baseAmount: '0.01',
    quoteAmount: '3',
    buyerFee: '0.00001',
    sellerFee: '0.001',
    buyerRelease: '0.5',
    executedAt: clock(),
  };
  committed.push(trade);
  await settlement.settleTrades('BTC/USDT');
  return trade;
}

/** Puts right what is wrong with a parked trade, as whoever repairs the row would. */
const repair = (trade: CommittedTrade): void => {
  committed[committed.indexOf(trade)] = { ...trade, quoteAmount: '1' };
};

async function bust(tradeId: string, officer: Officer, other: { revision?: string; workflowId?: string } = {}) {
  const view = await exceptions.describe(tradeId);
  const { revision = view?.revision ?? '', workflowId = processId('settlementException', tradeId) } = other;
  const said = { officer: officer.email, code: await officer.code(), outcome: 'approve', reason: 'not a fair trade' };
  const through = { workflowId, runId: randomUUID(), updateId: randomUUID() };
  return exceptions.bust(tradeId, { ...said, outcome: 'approve', revision, acceptedAt: clock() }, through);
}

test.serial('parked: a trade beyond its reservation, is described with why and starts its workflow', async (t) => {
  const trade = await parkOne();
  t.like(await exceptions.describe(trade.tradeId), {
    state: 'REVIEW',
    reason: 'reservation_not_overdrawn',
    symbol: 'BTC/USDT',
    tradeSeq: 1,
    quoteAmount: '3',
    decisions: [],
  });
  const [start] = await db.many<{ payload: object }>("SELECT payload FROM outbox.entries WHERE kind = 'start'");
  t.like(start?.payload, { workflow: 'settlementException', input: trade.tradeId, queue: 'settlement' });
  t.is(await exceptions.describe(newId()), undefined);
});

test.serial('retry: nothing is repaired, says why and moves nothing', async (t) => {
  const trade = await parkOne();
  const again = await exceptions.retry(trade.tradeId);
  t.false(again.settled);
  t.regex(again.message, /reservation_not_overdrawn.*Nothing was moved/);
  t.is(await shown(trade.buyerUserId, 'USDT'), '8.5/1.5');
});

test.serial('retry: repaired, settles it once whoever asks how often', async (t) => {
  const trade = await parkOne();
  repair(trade);
  const answers = await Promise.all(Array.from({ length: 5 }, () => exceptions.retry(trade.tradeId)));
  t.true(answers.every(({ settled }) => settled));
  t.is(await shown(trade.buyerUserId, 'BTC'), '0.00999/0');
  t.is(await shown(trade.buyerUserId, 'USDT'), '9/0');
  t.is(await shown(trade.sellerUserId, 'USDT'), '0.999/0');
  t.is((await exceptions.describe(trade.tradeId))?.state, 'SETTLED');
  t.is((await exceptions.retry(trade.tradeId)).message, 'It is settled.');
});

test.serial('bust: by one officer, counts and moves nothing; the same officer again counts once', async (t) => {
  const trade = await parkOne();
  repair(trade);
  const officer = await kit.officer();
  t.is((await bust(trade.tradeId, officer)).message, 'Recorded: 1 of 2 approvals.');
  kit.advance(60_000);
  t.is((await bust(trade.tradeId, officer)).message, 'Recorded: 1 of 2 approvals.');
  t.is((await exceptions.describe(trade.tradeId))?.state, 'REVIEW');
  t.is(await shown(trade.buyerUserId, 'USDT'), '8.5/1.5');
});

test.serial('bust: by two officers, both have back what they had reserved and it is never settled', async (t) => {
  const trade = await parkOne();
  repair(trade);
  const [first, second] = [await kit.officer(), await kit.officer()];
  await bust(trade.tradeId, first);
  t.is((await bust(trade.tradeId, second)).message, 'Recorded: the trade is taken back.');
  t.is(await shown(trade.buyerUserId, 'USDT'), '10/0');
  t.is(await shown(trade.sellerUserId, 'BTC'), '1/0');
  t.deepEqual(busted, [trade.tradeId]);
  t.is((await exceptions.describe(trade.tradeId))?.state, 'BUSTED');
  t.false((await exceptions.retry(trade.tradeId)).settled);
  const transfers = await db.many<{ kind: string; reason: string }>(
    'SELECT kind, reason FROM ledger.transfers WHERE journal_id IN ($1, $2) AND kind <> $3',
    [trade.buyerOrderId, trade.sellerOrderId, 'RESERVE'],
  );
  t.deepEqual(
    transfers,
    Array.from({ length: 2 }, () => ({ kind: 'BUST', reason: 'TRADE_BUSTED' })),
  );
  const { count } = await db.one<{ count: number }>(
    "SELECT count(*)::integer FROM audit.audit_logs WHERE action = 'trade.bust' AND resource_id = $1",
    [trade.tradeId],
  );
  t.is(count, 2);
  kit.advance(60_000);
  t.is(await outcomeOf(bust(trade.tradeId, await kit.officer())), 'DECISION_CLOSED');
});

test.serial('bust: a settled trade, one that was never parked and a wrong workflow, are refused', async (t) => {
  const [trade, other] = [await parkOne(), await parkOne()];
  repair(trade);
  await exceptions.retry(trade.tradeId);
  const officer = await kit.officer();
  t.is(await outcomeOf(bust(trade.tradeId, officer)), 'DECISION_CLOSED');
  t.is(await outcomeOf(bust(newId(), officer)), 'TRADE_NOT_FOUND');
  t.is(await outcomeOf(bust(other.tradeId, officer, { workflowId: 'mine' })), 'TRADE_NOT_FOUND');
});

test.serial('bust: a side has less reserved than the trade, is refused whole', async (t) => {
  const trade = await parkOne();
  await bust(trade.tradeId, await kit.officer());
  t.is(await outcomeOf(bust(trade.tradeId, await kit.officer())), 'RELEASE_EXCEEDS_RESERVATION');
  t.like(await exceptions.describe(trade.tradeId), { state: 'REVIEW', decisions: { length: 1 } });
  t.is(await shown(trade.sellerUserId, 'BTC'), '0.99/0.01');
});

test.serial('bust: the trade changed after the first approval, which counts no more', async (t) => {
  const trade = await parkOne();
  await bust(trade.tradeId, await kit.officer());
  const { revision } = (await exceptions.describe(trade.tradeId))!;
  repair(trade);
  t.is(await outcomeOf(bust(trade.tradeId, await kit.officer(), { revision })), 'CASE_CHANGED');
  t.is((await bust(trade.tradeId, await kit.officer())).message, 'Recorded: 1 of 2 approvals.');
});

test.serial('bust: the buyer is the officer, is refused', async (t) => {
  const officer = await kit.officer();
  const trade = await parkOne();
  committed[committed.indexOf(trade)] = { ...trade, buyerUserId: officer.officerId };
  t.is(await outcomeOf(bust(trade.tradeId, officer)), 'OFFICER_NOT_PROVEN');
});
