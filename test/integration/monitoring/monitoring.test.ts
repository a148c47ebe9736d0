import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createStreamMetrics, startConsumer, type StreamConsumer } from '../../../platform/streams/consumer.ts';
import type { EventEnvelope } from '../../../platform/streams/envelope.ts';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { createInbox } from '../../../services/events/inbox.ts';
import { createMonitoring, monitoringGroup } from '../../../services/monitoring/monitoring.ts';
import { listTradesAfter } from '../../../storage/trading/matching-trades.ts';
import { until } from '../../_support/until.ts';
import { createMarket, type Market, symbol } from '../market-data/kit.ts';
import { commitTrades, type MadeTrade, makeTrades } from '../market-data/trades.ts';

interface Context {
  readonly market: Market;
  readonly trades: readonly MadeTrade[];
  readonly consumers: StreamConsumer[];
}
const test = anyTest as TestFn<Context>;

test.beforeEach(async (t) => {
  const market = await createMarket();
  const trades = makeTrades(1_000);
  await commitTrades(market.db, trades);
  t.context = { market, trades, consumers: [] };
});
test.afterEach.always(async ({ context: { market, consumers } }) => {
  await Promise.all(consumers.map((each) => each.stop()));
  await market.close();
});

const tradeEvent = (market: Market, { seq, at }: MadeTrade): EventEnvelope => ({
  id: market.newId(),
  type: 'trade.executed',
  version: 1,
  timestamp: at.toISOString(),
  trace_id: 'trace',
  payload: { symbol, trade_seq: seq, executed_at: at.toISOString() },
  metadata: { source: 'test' },
});

/** Monitoring of the trades, as another process would run it; answers its metrics. */
function monitor({ market, consumers }: Context) {
  const { db, redis } = market;
  const metrics = createMetrics();
  const inbox = createInbox({ db, clock: systemClock, consumer: monitoringGroup });
  const { trade, user } = createMonitoring({ db, log: silentLogger, metrics, inbox, listTradesAfter });
  const consumer = startConsumer({
    redis,
    stream: 'trade.events',
    group: monitoringGroup,
    consumer: market.newId(),
    handle: trade,
    keyOf: ({ id }) => id,
    log: silentLogger,
    metrics: createStreamMetrics(metrics),
    limits: { inFlight: 2_000 },
  });
  consumers.push(consumer);
  const metric = async (name: string): Promise<number> => {
    const line = (await metrics.registry.metrics()).split('\n').find((each) => each.startsWith(name));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  return { consumer, metric, user };
}

const publish = ({ market }: Context, trades: readonly MadeTrade[]) =>
  createStreamProducer({ redis: market.redis, maxLength: 1_000_000 }).publishAll(
    'trade.events',
    trades.map((trade) => tradeEvent(market, trade)),
  );

async function counted({ market }: Context): Promise<number> {
  const { sum } = await market.db.one<{ sum: string }>(
    `SELECT coalesce(sum(events), 0) AS sum FROM monitoring.counts WHERE type = 'trade.executed'`,
  );
  return Number(sum);
}

async function right(t: ExecutionContext<Context>): Promise<void> {
  const wrong = await t.context.market.db.manyOrNone(
    `SELECT day, counts.events, trades.count
       FROM (SELECT (executed_at AT TIME ZONE 'UTC')::date AS day, count(*) FROM trading.trades GROUP BY 1) AS trades
       FULL JOIN monitoring.counts USING (day) WHERE counts.events IS DISTINCT FROM trades.count`,
  );
  t.deepEqual(wrong, []);
}

test('monitoring: trades told twice and in another order, each is counted once on its day', async (t) => {
  const { context } = t;
  const { metric } = monitor(context);
  await publish(context, context.trades.slice(0, 600));
  await publish(context, context.trades.slice(300, 600).toReversed());
  await publish(context, context.trades);
  await until(async () => (await counted(context)) === 1_000);
  await until(async () => (await metric('stream_events_handled_total')) === 1_900);
  await right(t);
  t.is(await metric('monitoring_gaps_total'), 0);
});

test('monitoring: the stream was trimmed while it was away, what is missing is counted from the books', async (t) => {
  const { context } = t;
  const { redis } = context.market;
  const first = monitor(context);
  await publish(context, context.trades.slice(0, 100));
  await until(async () => (await counted(context)) === 100);
  await first.consumer.stop();
  await publish(context, context.trades.slice(100));
  await redis.xtrim('trade.events', 'MAXLEN', '=', 50);
  const second = monitor(context);
  await until(async () => (await counted(context)) === 1_000);
  await right(t);
  t.is(await second.metric('monitoring_refilled_total'), 850);
  t.is(await second.metric('monitoring_gaps_total'), 1);
});

test('monitoring: Redis was emptied, the next trade has everything before it counted', async (t) => {
  const { context } = t;
  const { redis } = context.market;
  monitor(context);
  await publish(context, context.trades.slice(0, 100));
  await until(async () => (await counted(context)) === 100);
  await redis.flushdb();
  await publish(context, context.trades.slice(-1));
  await until(async () => (await counted(context)) === 1_000);
  await right(t);
});

test('monitoring: what happened to a user told twice, is counted once', async (t) => {
  const { context } = t;
  const { db } = context.market;
  const { user } = monitor(context);
  const event = { ...tradeEvent(context.market, context.trades[0]!), type: 'user.registered', payload: {} };
  await Promise.all([user(event), user(event), user({ ...event, id: context.market.newId() })]);
  await user(event);
  const counts = await db.any("SELECT type, symbol, events FROM monitoring.counts WHERE type = 'user.registered'");
  t.deepEqual(counts, [{ type: 'user.registered', symbol: '', events: '2' }]);
});
