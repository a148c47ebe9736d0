import test from 'ava';
import {
  candleOfTrade,
  candleWidths,
  joinCandles,
  nextStretchStart,
  readCandle,
  stretchStart,
  writeCandle,
} from '../../../domain/trading/candle.ts';
import { tickerMinutes, tickerOf, tickerWindowStart } from '../../../domain/trading/ticker.ts';

const noon = Date.parse('2026-03-01T12:00:00.000Z');

const tradeAt = (trade_seq: number, price: string, quantity = '1') =>
  candleOfTrade({
    trade_id: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f',
    trade_seq,
    price,
    quantity,
    quote_amount: price,
    taker_side: 'BUY',
    executed_at: new Date(noon).toISOString(),
  });

test('stretch: an instant at its start, just before and within, begins where UTC days do', (t) => {
  const hour = candleWidths['1h'];
  t.is(stretchStart(noon, hour), noon);
  t.is(stretchStart(noon - 1, hour), noon - hour);
  t.is(stretchStart(noon + hour - 1, hour), noon);
  t.is(nextStretchStart(noon, hour), noon);
  t.is(nextStretchStart(noon + 1, hour), noon + hour);
  t.is(new Date(stretchStart(noon, candleWidths['1d'])).toISOString(), '2026-03-01T00:00:00.000Z');
  for (const width of Object.values(candleWidths)) t.is(candleWidths['1d'] % width, 0);
});

test('candle: three trades, first price, extremes, last price and sums without a digit lost', (t) => {
  const tiny = '0.000000000000000001';
  const candle = [tradeAt(7, '10'), tradeAt(8, '12', tiny), tradeAt(9, '9.5')].reduce(joinCandles);
  const shown = writeCandle(candle);
  t.like(shown, { open: '10', high: '12', low: '9.5', close: '9.5', volume: '2.000000000000000001' });
  t.like(shown, { quote_volume: '31.5', trades: 3, last_trade_seq: 9, start: '2026-03-01T12:00:00.000Z' });
  t.deepEqual(readCandle(shown), candle);
  t.throws(() => joinCandles(tradeAt(9, '1'), tradeAt(9, '1')), { message: /order of their trades/ });
});

test('ticker window: within a minute, begins with the minute 24 hours before', (t) => {
  t.is(new Date(tickerWindowStart(noon)).toISOString(), '2026-02-28T12:00:00.000Z');
  t.is(tickerWindowStart(noon + 59_999), tickerWindowStart(noon));
  t.is(tickerWindowStart(noon + 60_000), tickerWindowStart(noon) + 60_000);
  t.is(tickerMinutes, 1_441);
});

const changes = test.macro({
  title: (_, open: string, close: string, change: string, percent: string) =>
    `ticker: from ${open} to ${close}, ${change} and ${percent} %`,
  exec: (t, open: string, close: string, change: string, percent: string) => {
    const window = joinCandles(tradeAt(1, open), tradeAt(2, close));
    const facts = { symbol: 'BTC/USDT', windowStart: noon, bid: undefined, ask: undefined };
    t.like(tickerOf({ ...facts, window, newest: window }), { change, change_percent: percent });
  },
});
test(changes, '100', '110', '10', '10');
test(changes, '3', '4', '1', '33.3333');
test(changes, '3', '2', '-1', '-33.3333');
test(changes, '3', '1', '-2', '-66.6666');
test(changes, '0.5', '0.5', '0', '0');
test(changes, '1000000', '999999.999', '-0.001', '0');
