import test from 'ava';
import { marketStream } from '../../../domain/trading/feed.ts';

test('marketStream: a symbol, names its stream without a slash', (t) => {
  t.is(marketStream('BTC/USDT'), 'market:BTC-USDT');
});
