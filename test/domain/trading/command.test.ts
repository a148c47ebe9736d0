import test from 'ava';
import {
  commandStream,
  type PlacedOrder,
  readCommand,
  type TradingCommand,
  writeCommand,
} from '../../../domain/trading/command.ts';

const id = (digit: string): string => `019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4${digit}`;

const order: PlacedOrder = {
  orderId: id('1'),
  userId: id('2'),
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  postOnly: true,
  selfTradePrevention: 'DECREMENT',
  lots: 10_000,
  limitTicks: 5_000_000,
  stopTicks: 0,
  reserveTicks: 5_000_000,
  budget: 0,
  createdAt: 1_763_000_000_000,
  expiresAt: 0,
  makerBps: 8,
  takerBps: 10,
  stepsVersion: 1,
};

const survives = test.macro((t, command: TradingCommand) => {
  t.deepEqual(readCommand(writeCommand(command)), command);
});

test('command: a placement, is read as it was written', survives, { kind: 'PLACE', order });
test('command: an order that may take, is read as it was written', survives, {
  kind: 'PLACE',
  order: { ...order, postOnly: false },
});
test('command: a stop, is read as it was written', survives, {
  kind: 'PLACE',
  order: { ...order, orderType: 'STOP_LIMIT', stopTicks: 4_900_000 },
});
test('command: an order list, is read as it was written', survives, {
  kind: 'PLACE_LIST',
  orderListId: id('4'),
  limit: { ...order, orderListId: id('4') },
  stop: { ...order, orderId: id('5'), orderType: 'STOP_LIMIT', stopTicks: 4_900_000, orderListId: id('4') },
});
test('command: a cancel, is read as it was written', survives, {
  kind: 'CANCEL',
  commandId: id('3'),
  orderId: id('1'),
  userId: id('2'),
});
const amend = {
  kind: 'AMEND',
  commandId: id('3'),
  orderId: id('1'),
  userId: id('2'),
  side: 'SELL',
  from: { lots: 10, limitTicks: 100, stopTicks: 0 },
  to: { lots: 12, limitTicks: 90, stopTicks: 0 },
  postOnly: true,
  selfTradePrevention: 'DECREMENT',
  funds: 2,
  stepsVersion: 1,
} as const;
test('command: an amend, is read as it was written', survives, amend);
test('command: an amend of a stop, is read as it was written', survives, {
  ...amend,
  postOnly: false,
  from: { ...amend.from, stopTicks: 95 },
  to: { ...amend.to, stopTicks: 96 },
});
test('command: a cancel-all, is read as it was written', survives, {
  kind: 'CANCEL_ALL',
  commandId: id('3'),
  userId: id('2'),
  createdAt: 7,
  reason: 'CANCEL_ALL',
});
test('command: a cancel-all of a user who was not heard of, is read as it was written', survives, {
  kind: 'CANCEL_ALL',
  commandId: id('3'),
  userId: id('2'),
  createdAt: 7,
  reason: 'CANCEL_ALL_AFTER',
});
test('command: the end of the day, is read as it was written', survives, { kind: 'EXPIRE', commandId: id('3') });

const rules = {
  kind: 'MARKET',
  commandId: id('3'),
  version: 2,
  limits: { status: 'HALTED', minTicks: 1, maxTicks: 100_000_000, minLots: 1, maxLots: 10_000_000 },
} as const;
test('command: new rules of the market, are read as they were written', survives, rules);
test('command: new steps of the market, are read as they were written', survives, {
  ...rules,
  steps: { version: 2, tickSize: '0.001', lotSize: '0.0001' },
});
test('command: an order in steps that the market was not opened with, is read as it was written', survives, {
  kind: 'PLACE',
  order: { ...order, stepsVersion: 2 },
});
test('command: an amend in such steps, is read as it was written', survives, { ...amend, stepsVersion: 2 });

test('command: more than a command in the object, is not written', (t) => {
  t.is(
    writeCommand({ kind: 'PLACE', order: { ...order, price: '1' } as PlacedOrder }),
    writeCommand({ kind: 'PLACE', order }),
  );
});

const isRefused = test.macro((t, text: string) => {
  t.throws(() => readCommand(text));
});

const changed = (fields: object): string =>
  JSON.stringify({ ...(JSON.parse(writeCommand({ kind: 'PLACE', order })) as object), ...fields });

test('command: no JSON, is refused', isRefused, 'P');
test('command: null, is refused', isRefused, 'null');
test('command: another version, is refused', isRefused, changed({ v: 2 }));
test('command: an unknown kind, is refused', isRefused, changed({ t: 'X' }));
test('command: an id that is none, is refused', isRefused, changed({ id: 'x' }));
test('command: a quantity as text, is refused', isRefused, changed({ q: '1' }));
test('command: a negative quantity, is refused', isRefused, changed({ q: -1 }));
test('command: a broken quantity, is refused', isRefused, changed({ q: 0.5 }));
test('command: a quantity of 2^53, is refused', isRefused, changed({ q: 2 ** 53 }));
const bent = (limits: object): string => writeCommand({ ...rules, limits: { ...rules.limits, ...limits } });
test('command: rules with an unknown status, are refused', isRefused, bent({ status: 'OPEN' }));
test('command: rules whose limits are out of order, are refused', isRefused, bent({ minTicks: 100_000_001 }));
test('command: rules by which an order is worth 2^53, are refused', isRefused, bent({ maxLots: 2 ** 40 }));
test('command: a cancel-all for no known reason, is refused', (t) => {
  const cancel = { v: 1, t: 'A', id: id('3'), u: id('2'), at: 7 };
  t.like(readCommand(JSON.stringify(cancel)), { reason: 'CANCEL_ALL' });
  t.throws(() => readCommand(JSON.stringify({ ...cancel, r: 'USER' })));
});
const amended = (fields: object): string =>
  JSON.stringify({ ...(JSON.parse(writeCommand(amend)) as object), ...fields });
test('command: an amend with one quantity, is refused', isRefused, amended({ q: [10] }));
test('command: an amend whose prices are none, is refused', isRefused, amended({ p: [100, 'x'] }));
test('command: an amend without funds, is refused', isRefused, amended({ r: undefined }));
test('command: an unknown side, is refused', isRefused, changed({ s: 'HOLD' }));

test('command: its stream, is named like the market in paths', (t) => {
  t.is(commandStream('BTC/USDT'), 'orders:BTC-USDT');
});
test('command: steps that are none, are refused', (t) => {
  const text = (d: unknown) => JSON.stringify({ ...(JSON.parse(writeCommand(rules)) as object), d });
  for (const d of [2, [2, '0.01'], [2, '0.01', '0'], [2, '1e-2', '1'], [-1, '1', '1'], ['2', '1', '1']]) {
    t.throws(() => readCommand(text(d)), undefined, JSON.stringify(d));
  }
  t.notThrows(() => readCommand(text([2, '0.01', '1'])));
});
