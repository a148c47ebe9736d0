import anyTest, { type TestFn } from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import { buy, createKit, type Kit, symbol } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

test.serial('markets: seeded twice, are there once with their rules', async (t) => {
  const { trading } = t.context;
  await trading.seeding();
  const markets = await trading.markets.list();
  t.deepEqual(
    markets.map(({ market }) => market.terms.symbol),
    ['BTC/USDT', 'ETH/USDT', 'XRP/USDT'],
  );
  t.like(markets[0]?.market.terms, {
    tickSize: '0.01',
    minQuantity: '0.0001',
    initialPrice: '50000',
    status: 'ACTIVE',
  });
  t.is(markets[0]?.referenceTicks, 5_000_000);
});

test.serial('markets: an unknown symbol, is not found', async (t) => {
  await t.throwsAsync(t.context.trading.markets.find('DOGE/USDT'), {
    instanceOf: DomainError,
    message: /no such market/,
  });
});

test.serial('markets: the last trade, is the reference price within two seconds', async (t) => {
  const { trading, setMarket } = t.context;
  await setMarket(symbol, { last_price: '40000' });
  t.is((await trading.markets.find(symbol)).referenceTicks, 4_000_000);
});

test.serial('markets: halted, refuse orders but repeat what they answered before', async (t) => {
  const { trading, customer, setMarket } = t.context;
  const alice = await customer();
  const request = { ...buy, clientOrderId: 'before the halt' };
  const first = await trading.placing.place(alice, request, undefined);
  await setMarket(symbol, { status: 'HALTED' });
  t.deepEqual(await trading.placing.place(alice, request, undefined), first);
  const refused = trading.placing.place(alice, { ...buy, clientOrderId: 'after the halt' }, undefined);
  t.like(await t.throwsAsync(refused, { instanceOf: DomainError }), { code: 'MARKET_NOT_ACTIVE' });
  await setMarket(symbol, { status: 'ACTIVE' });
});

test.serial('markets: no matcher holds the lease, take no orders', async (t) => {
  const { trading, customer, setMarket, orders } = t.context;
  const alice = await customer();
  await setMarket(symbol, { lease_until: '-infinity' });
  const error = await t.throwsAsync(trading.placing.place(alice, buy, undefined), { instanceOf: DomainError });
  t.like(error, { code: 'UNAVAILABLE', details: { retryAfter: 5 } });
  t.deepEqual(await orders(alice.userId), []);
});
