import test from 'ava';
import { candleOfTrade } from '../../../domain/trading/candle.ts';
import { createCandlesFeed } from '../../../services/market-data/candles-feed.ts';
import type { CandlesEvent } from '../../../services/market-data/events.ts';

const tradeOf = (seq: number) =>
  candleOfTrade({
    trade_id: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f',
    trade_seq: seq,
    price: '100',
    quantity: '1',
    quote_amount: '100',
    taker_side: 'BUY',
    executed_at: new Date(seq * 60_000).toISOString(),
  });

test('candles feed: more candles change than are kept before it tells, none is missed', (t) => {
  const feed = createCandlesFeed('1m', 3);
  const seen: CandlesEvent[] = [];
  feed.follow((event) => seen.push(event), false);
  for (let seq = 1; seq <= 10; seq += 1) feed.take(tradeOf(seq));
  feed.tell();
  t.deepEqual(
    seen.flatMap(({ data }) => data.map(({ last_trade_seq }) => last_trade_seq)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  t.deepEqual(
    seen.map(({ first_sequence, last_sequence }) => [first_sequence, last_sequence]),
    [
      [1, 3],
      [4, 6],
      [7, 9],
      [10, 10],
    ],
  );
  t.is(feed.candles.length, 3);
});
