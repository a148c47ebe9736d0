import anyTest, { type TestFn } from 'ava';
import type { CommittedTrade } from '../../../domain/ledger/ledger.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createSettlementService, type SettlementService } from '../../../services/settlement/settlement.ts';
import { reserve } from '../../../storage/ledger/reservations.ts';
import { until } from '../../_support/until.ts';
import { createLedgerKit, type LedgerKit } from '../ledger/kit.ts';

interface Context extends LedgerKit {
  readonly settlement: SettlementService;
  /** Adds `count` trades of 0.01 BTC at 100 between two users whose orders hold enough for all. */
  readonly trade: (symbol: string, count: number) => Promise<readonly CommittedTrade[]>;
}

const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const kit = await createLedgerKit();
  const { db, newId, now, committed } = kit;
  const inMarket = (symbol: string) => committed.filter((each) => each.symbol === symbol);
  const settlement = createSettlementService({
    db,
    clock: now,
    newId,
    log: silentLogger,
    kickOutbox: () => undefined,
    trades: {
      listAfter: async (_db, symbol, seq, limit) =>
        inMarket(symbol)
          .filter(({ tradeSeq }) => tradeSeq > seq)
          .slice(0, limit),
      lastSeq: async (_db, symbol) => inMarket(symbol).length,
    },
  });
  const trade = async (symbol: string, count: number) => {
    const buyerUserId = await kit.userWith({ USDT: String(2 * count) });
    const sellerUserId = await kit.userWith({ BTC: String(count) });
    const buyerOrderId = newId();
    const sellerOrderId = newId();
    const wanted = [
      {
        reservationId: buyerOrderId,
        userId: buyerUserId,
        asset: 'USDT',
        amount: String(2 * count),
        reason: 'BUY_ORDER',
      },
      { reservationId: sellerOrderId, userId: sellerUserId, asset: 'BTC', amount: String(count), reason: 'SELL_ORDER' },
    ];
    await reserve(db, 'order', wanted, now());
    const first = inMarket(symbol).length + 1;
    const added = Array.from({ length: count }, (_, index) => ({
      tradeId: newId(),
      symbol,
      tradeSeq: first + index,
      buyerUserId,
      sellerUserId,
      buyerOrderId,
      sellerOrderId,
      buyerReservationId: buyerOrderId,
      sellerReservationId: sellerOrderId,
      baseAmount: '0.01',
      quoteAmount: '1',
      buyerFee: '0.00001',
      sellerFee: '0.001',
      buyerRelease: '0.5',
      executedAt: now(),
    }));
    committed.push(...added);
    return added;
  };
  t.context = { ...kit, settlement, trade };
});
test.after.always((t) => t.context.close());
test.afterEach('the books are sound', async (t) => {
  t.deepEqual((await t.context.reconcile()).breaks, []);
});

/** Markets share the assets, so that each test has a settlement of its own. */
const markets = ['BTC/USDT'];

test.serial('settle trades: 1 200 of them by three rivals at once, each posted once', async (t) => {
  const { settlement, trade, shown, db } = t.context;
  const [one] = await trade(markets[0]!, 1_200);
  const states = await Promise.all([1, 2, 3].map(() => settlement.settleTrades('BTC/USDT')));
  t.deepEqual(await settlement.state('BTC/USDT'), { settledSeq: 1_200, lag: 0, parked: 0, stopped: false });
  t.true(states.some(({ lag }) => lag === 0));
  t.is(await shown(one!.buyerUserId, 'BTC'), '11.988/0');
  t.is(await shown(one!.buyerUserId, 'USDT'), '600/600');
  t.is(await shown(one!.sellerUserId, 'USDT'), '1198.8/0');
  const { count } = await db.one<{ count: string }>("SELECT count(*) FROM ledger.transfers WHERE kind = 'TRADE_BUY'");
  t.is(count, '1200');
  t.is((await settlement.settleTrades('BTC/USDT')).settledSeq, 1_200);
});

test.serial('settle trades: the users of each batch are told in the same commit', async (t) => {
  const { settlement, trade, db } = t.context;
  await db.none('DELETE FROM outbox.entries');
  const [one] = await trade('BTC/USDT', 3);
  await settlement.settleTrades('BTC/USDT');
  const rows = await db.many<{ payload: { stream: string; event: { type: string; payload: { user_ids: string[] } } } }>(
    'SELECT payload FROM outbox.entries',
  );
  t.is(rows[0]?.payload.stream, 'wallet.events');
  t.is(rows[0]?.payload.event.type, 'wallet.balances.changed');
  t.deepEqual(
    rows.flatMap(({ payload }) => payload.event.payload.user_ids).sort(),
    [one!.buyerUserId, one!.sellerUserId].sort(),
  );
});

test.serial('settle trades: asked to linger, trades that come meanwhile are settled together', async (t) => {
  const { settlement, trade, db } = t.context;
  await trade('BTC/USDT', 1);
  await db.none('DELETE FROM outbox.entries');
  const settling = settlement.settleTrades('BTC/USDT', { lingerMs: 1_000, gatherMs: 300 });
  for (let times = 0; times < 5; times += 1) await trade('BTC/USDT', 2);
  t.is((await settling).lag, 0);
  const { count: batches } = await db.one<{ count: number }>('SELECT count(*)::int FROM outbox.entries');
  t.true(batches >= 2 && batches <= 4, `${batches} batches`);
});

test.serial('settle trades: two that cannot settle among 300, parked alone and the rest settled', async (t) => {
  const { settlement, trade, committed, newId, db } = t.context;
  const { settledSeq: before } = await settlement.state('BTC/USDT');
  const added = await trade('BTC/USDT', 300);
  const spoil = (index: number, change: Partial<CommittedTrade>) => {
    const place = committed.indexOf(added[index]!);
    committed[place] = { ...added[index]!, ...change };
  };
  spoil(17, { quoteAmount: '100000' });
  spoil(250, { buyerReservationId: newId() });
  const state = await settlement.settleTrades('BTC/USDT');
  t.deepEqual(state, { settledSeq: before + 300, lag: 0, parked: 2, stopped: false });
  const parked = await db.many<{ trade_id: string; reason: string }>(
    'SELECT trade_id, reason FROM ledger.parked_trades ORDER BY trade_seq',
  );
  t.deepEqual(parked, [
    { trade_id: added[17]!.tradeId, reason: 'reservation_not_overdrawn' },
    { trade_id: added[250]!.tradeId, reason: 'reservation_matches' },
  ]);
});

test.serial('settle trades: posted but not counted, counted without a second posting', async (t) => {
  const { settlement, trade, transfers, db } = t.context;
  await trade('BTC/USDT', 2);
  const { settledSeq } = await settlement.settleTrades('BTC/USDT');
  const before = await transfers();
  await db.none('UPDATE ledger.settlement_progress SET settled_seq = settled_seq - 2');
  t.is((await settlement.settleTrades('BTC/USDT')).settledSeq, settledSeq);
  t.is(await transfers(), before);
});

test.serial('settle trades: the database fails midway, nothing is counted and a repeat settles all', async (t) => {
  const { settlement, trade, db } = t.context;
  const { settledSeq: before } = await settlement.state('BTC/USDT');
  await trade('BTC/USDT', 5);
  await db.none('ALTER TABLE outbox.entries RENAME TO entries_away');
  await t.throwsAsync(settlement.settleTrades('BTC/USDT'), { message: /outbox.entries/ });
  t.is((await settlement.state('BTC/USDT')).settledSeq, before);
  await db.none('ALTER TABLE outbox.entries_away RENAME TO entries');
  t.is((await settlement.settleTrades('BTC/USDT')).settledSeq, before + 5);
});

test.serial('settle trades: chosen as the victim of a deadlock, tries again at once', async (t) => {
  const { settlement, trade, db } = t.context;
  const [added] = await trade('BTC/USDT', 1);
  const lock = 'SELECT FROM ledger.accounts WHERE account_id = $1 FOR NO KEY UPDATE';
  const { running } = await db.tx(async (rival) => {
    // Whoever looks for deadlocks first is the victim.
    await rival.none("SET LOCAL deadlock_timeout = '20s'");
    const accounts = await rival.many<{ account_id: string }>(
      'SELECT account_id FROM ledger.accounts WHERE owner_id IN ($1, $2) ORDER BY account_id',
      [added!.buyerUserId, added!.sellerUserId],
    );
    await rival.any(lock, accounts.at(-1)!.account_id);
    const running = settlement.settleTrades('BTC/USDT');
    // Heard below.
    running.catch(() => undefined);
    await until(async () =>
      db.one<boolean>(
        `SELECT count(*) > 0 AS waits
           FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        [],
        ({ waits }: { waits: boolean }) => waits,
      ),
    );
    await rival.any(lock, accounts[0]!.account_id);
    // Not the promise itself: it ends only once the rival's locks are gone.
    return { running };
  });
  t.is((await running).lag, 0);
});

test.serial('settle trades: a gap in trade_seq, nothing is settled past it', async (t) => {
  const { settlement, trade, committed } = t.context;
  const added = await trade('BTC/USDT', 3);
  const gone = committed.splice(committed.indexOf(added[1]!), 1);
  await t.throwsAsync(settlement.settleTrades('BTC/USDT'), { message: /follow one another/ });
  committed.splice(committed.indexOf(added[2]!), 0, ...gone);
  t.is((await settlement.settleTrades('BTC/USDT')).lag, 0);
});

test.serial('settle trades: 30 in a row that cannot settle, 21 are parked and it stops', async (t) => {
  const { settlement, trade, committed, newId, db } = t.context;
  const { settledSeq: before } = await settlement.state('BTC/USDT');
  const added = await trade('BTC/USDT', 30);
  for (const each of added) committed[committed.indexOf(each)] = { ...each, buyerReservationId: newId() };
  const state = await settlement.settleTrades('BTC/USDT');
  t.true(state.stopped);
  t.is(state.settledSeq, before + 21);
  t.is((await settlement.settleTrades('BTC/USDT')).settledSeq, before + 21);
  await db.none("UPDATE ledger.parked_trades SET state = 'busted', ended_at = now()");
  t.is((await settlement.state('BTC/USDT')).stopped, false);
});
