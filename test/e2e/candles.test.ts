import test from 'ava';
import { WebSocket } from 'ws';
import { CandlesEvent, TickerEvent } from '../../contract/market-data.ts';
import { candleIntervals, type PublicCandle } from '../../domain/trading/candle.ts';
import type { PublicTicker } from '../../domain/trading/ticker.ts';
import { connect, invoke } from '../integration/grpc/kit.ts';
import { type MadeTrade, naiveCandles } from '../integration/market-data/trades.ts';
import { request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

let system: System;

test.before(async () => {
  system = await startSystem();
});
test.after.always(() => system.stop());

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

interface Event {
  readonly channel?: string;
  readonly ok?: boolean;
  readonly last_sequence: number;
  readonly data: unknown;
}

const get = async <T>(path: string): Promise<T> => (await request<T>('GET', `${system.rest}/api/v1${path}`)).body;
const status = async (path: string): Promise<number> => (await request('GET', `${system.rest}/api/v1${path}`)).status;

async function trader(): Promise<string> {
  const body = { kyc: 'verified', balances: { BTC: '100', USDT: '10000000' } };
  const url = `${system.internal}/api/v1/dev/users`;
  return (await request<{ access_token: string }>('POST', url, { body })).body.access_token;
}

const storedTrades = (): Promise<readonly MadeTrade[]> =>
  system.db.map(
    `SELECT trade_seq, trim_scale(price)::text AS price, trim_scale(quantity)::text AS quantity,
            trim_scale(quote_amount)::text AS quote, executed_at AS at
       FROM trading.trades WHERE symbol = 'BTC/USDT' ORDER BY trade_seq`,
    [],
    (row: MadeTrade & { trade_seq: string }) => ({ ...row, seq: Number(row.trade_seq) }),
  );

async function trade(count: number): Promise<void> {
  const tokens = [await trader(), await trader()];
  for (let index = 0; index < 2 * count; index += 1) {
    const [side, token] = index % 2 === 0 ? (['BUY', tokens[0]] as const) : (['SELL', tokens[1]] as const);
    const price = String(50_000 + (((index >> 1) * 7) % 11));
    const body = { symbol: 'BTC/USDT', side, order_type: 'LIMIT', quantity: `0.0${1 + ((index >> 1) % 8)}`, price };
    await request('POST', `${system.rest}/api/v1/orders`, { token: token!, body });
  }
}

function follow(channels: readonly string[]) {
  const socket = new WebSocket(`${system.rest.replace('http', 'ws')}/ws`);
  const events: Event[] = [];
  socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', channels })));
  socket.on('message', (message: Buffer) => events.push(JSON.parse(message.toString()) as Event));
  return {
    events,
    close: () => socket.close(),
    last: (name: string) => events.findLast((each) => each.channel === name),
  };
}

test('candles and ticker: orders matched by the matcher, every door tells what the trades give', async (t) => {
  t.deepEqual(await get('/markets/BTC-USDT/candles?interval=1m'), { items: [], next_cursor: null });
  t.like(await get('/markets/BTC-USDT/ticker'), { last_price: null, open: null, trades: 0, volume: '0' });
  const channels = candleIntervals.map((interval) => `candles:BTC-USDT:${interval}`);
  const client = follow([...channels, 'ticker:BTC-USDT']);
  await until(() => client.last('ticker:BTC-USDT') !== undefined);
  await trade(30);
  await until(async () => (await storedTrades()).length >= 30, 30_000);
  const trades = await storedTrades();
  const lastSeq = trades.at(-1)!.seq;
  await until(() => [...channels, 'ticker:BTC-USDT'].every((name) => client.last(name)?.last_sequence === lastSeq));
  for (const interval of candleIntervals) {
    const right = naiveCandles(trades, interval);
    t.deepEqual((await get<Page<PublicCandle>>(`/markets/BTC-USDT/candles?interval=${interval}`)).items, right);
    const told = client.events.filter(({ channel }) => channel === `candles:BTC-USDT:${interval}`);
    t.notThrows(() => told.forEach((event) => CandlesEvent.parse(event)), interval);
    const candles = new Map(told.flatMap(({ data }) => data as PublicCandle[]).map((each) => [each.start, each]));
    t.deepEqual([...candles.values()], right);
  }
  t.notThrows(() => TickerEvent.parse(client.last('ticker:BTC-USDT')));
  const ticker = await get<PublicTicker>('/markets/BTC-USDT/ticker');
  const [day] = naiveCandles(trades, '1d');
  t.like(ticker, { trades: trades.length, last_price: trades.at(-1)!.price, last_trade_seq: lastSeq, high: day!.high });
  const { items } = await get<Page<PublicTicker>>('/tickers');
  t.like(
    items.find(({ symbol }) => symbol === 'BTC/USDT'),
    { open: trades[0]!.price, trades: trades.length },
  );
  t.like(
    items.find(({ symbol }) => symbol === 'ETH/USDT'),
    { last_price: null, trades: 0 },
  );
  const grpc = connect(system.grpc, 'MarketDataService');
  const listed = await invoke(grpc, 'ListCandles', { symbol: 'BTC-USDT', interval: 'CANDLE_INTERVAL_1H' });
  t.is((listed['items'] as { close: string }[]).at(-1)?.close, trades.at(-1)!.price);
  t.like(await invoke(grpc, 'GetTicker', { symbol: 'BTC-USDT' }), { last_price: ticker.last_price });
  grpc.close();
  await until(async () => {
    const { seq } = await system.db.one<{ seq: string }>(
      `SELECT coalesce(max(trade_seq), 0) AS seq FROM trading.candle_progress WHERE symbol = 'BTC/USDT'`,
    );
    return Number(seq) === lastSeq;
  });
  const folded = await get<Page<PublicCandle>>('/markets/BTC-USDT/candles?interval=1m');
  t.deepEqual(folded.items, naiveCandles(trades, '1m'));
  client.close();
});

test('candles: pages by start, end and limit, follow one another; what makes no sense is refused', async (t) => {
  const path = '/markets/XRP-USDT/candles';
  const at = (minute: number): string => `2026-02-03T04:${String(minute).padStart(2, '0')}:00.000Z`;
  await system.db.none(
    `INSERT INTO trading.candles
     SELECT 'XRP/USDT', '1m', timestamptz '2026-02-03T04:00:00Z' + minute * interval '2 min',
            1, 1, 1, 1, 1, 1, 1, minute
       FROM generate_series(1, 10) AS minute`,
  );
  const starts = async (query: string): Promise<readonly string[]> =>
    (await get<Page<PublicCandle>>(`${path}?interval=1m&${query}`)).items.map(({ start }) => start);
  t.deepEqual(await starts('limit=2'), [at(18), at(20)]);
  t.deepEqual(await starts(`end=${at(18)}&limit=2`), [at(14), at(16)]);
  t.deepEqual(await starts(`start=2026-02-03T04:03:30Z&end=${at(9)}`), [at(4), at(6), at(8)]);
  const seen: string[] = [];
  let page: Page<PublicCandle> = { items: [], next_cursor: at(0) };
  while (page.next_cursor !== null) {
    page = await get(`${path}?interval=1m&limit=3&start=${at(0)}&cursor=${page.next_cursor}`);
    seen.push(...page.items.map(({ start }) => start));
  }
  t.deepEqual(seen, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map(at));
  t.deepEqual(await starts('start=0000-01-01T00:00:00Z&end=9999-12-31T23:59:59Z&limit=1000'), seen);
  t.deepEqual(await starts('start=9999-12-31T23:59:59Z'), []);
  for (const query of ['', 'interval=2m', 'interval=1m&limit=0', 'interval=1m&limit=1001', 'interval=1m&start=now']) {
    t.is(await status(`${path}?${query}`), 400, query);
  }
  t.is(await status('/markets/NO-SUCH/candles?interval=1m'), 404);
  t.is(await status('/markets/NO-SUCH/ticker'), 404);
  const client = follow(['candles:BTC-USDT:2m']);
  await until(() => client.events.length > 0);
  t.false(client.events[0]?.ok);
  client.close();
});
