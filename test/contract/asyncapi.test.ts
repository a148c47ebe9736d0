import { Ajv } from 'ajv';
import test from 'ava';
import { createAsyncApi } from '../../contract/asyncapi.ts';
import { ClientMessage, serverMessages } from '../../contract/websocket.ts';
import { findBrokenReferences, isAsyncApi, lenient } from '../_support/asyncapi.ts';

interface Document {
  readonly channels: { readonly exchange: { readonly messages: Readonly<Record<string, { $ref: string }>> } };
  readonly operations: Readonly<Record<string, { readonly action: string; readonly messages: readonly object[] }>>;
}

const document = createAsyncApi('Pandora Exchange') as Document;

const validator = (message: string) =>
  new Ajv(lenient)
    .addSchema(document, 'asyncapi')
    .compile({ $ref: `asyncapi#/components/messages/${message}/payload` });

test('asyncapi: the document, is one by the published schema and refers to nothing that is missing', (t) => {
  t.true(isAsyncApi(document), JSON.stringify(isAsyncApi.errors));
  t.deepEqual(findBrokenReferences(document, document), []);
});

test('asyncapi: an unknown action or a broken reference, is found', (t) => {
  t.false(isAsyncApi({ ...document, operations: { auth: { action: 'shout', channel: { $ref: '#/channels/x' } } } }));
  const broken = { a: [{ $ref: '#/components/schemas/Nothing' }] };
  t.deepEqual(findBrokenReferences(broken, document), ['#/components/schemas/Nothing']);
});

test('asyncapi: every message of the contract, has its operation', (t) => {
  const told = Object.entries(document.operations).map(([name, { action }]) => `${action} ${name}`);
  const sent = Object.keys(serverMessages).filter((name) => name !== 'answer');
  const received = ClientMessage.options.map((schema) => schema.shape.op.value);
  t.deepEqual(told, [...received.map((name) => `receive ${name}`), ...sent.map((name) => `send ${name}`)]);
  t.deepEqual(Object.keys(document.channels.exchange.messages).sort(), [...received, ...sent, 'answer'].sort());
});

const update = { type: 'update', first_sequence: 3, last_sequence: 4 };

const told = test.macro({
  title: (_, name: string, message: object, valid: boolean) =>
    `asyncapi: ${name} ${JSON.stringify(message).slice(0, 60)}…, ${valid ? 'fits' : 'does not fit'} its schema`,
  exec: (t, name: string, message: object, valid: boolean) => {
    t.is(validator(name)(message), valid);
  },
});

test(told, 'depth', { channel: 'depth:BTC-USDT', ...update, data: { bids: [['1.5', '2']], asks: [] } }, true);
test(told, 'depth', { channel: 'depth:BTC-USDT', ...update, data: { bids: [['1.5']], asks: [] } }, false);
test(told, 'depth', { channel: 'orders', ...update, data: { bids: [], asks: [] } }, false);
test(told, 'candles', { channel: 'candles:BTC-USDT:1m', ...update, data: [] }, true);
test(told, 'candles', { channel: 'candles:BTC-USDT:2m', ...update, data: [] }, false);
test(
  told,
  'balances',
  { channel: 'balances', type: 'update', data: [{ asset: 'BTC', available: '1', reserved: 1 }] },
  false,
);
test(told, 'orders', { channel: 'orders', type: 'snapshot', data: { orders: [], changes: [] } }, true);
const amended = (terms: object) => ({
  channel: 'orders',
  type: 'update',
  data: {
    orders: [],
    changes: [
      {
        order_id: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f',
        symbol: 'BTC/USDT',
        side: 'BUY',
        status: 'OPEN',
        filled_quantity: '0',
        executed_quote: '0',
        prevented_quantity: '0',
        amended: terms,
        updated_at: '2026-01-05T09:30:00.000Z',
      },
    ],
  },
});
test('asyncapi: an amended order, has its new terms and says whether it kept its priority', (t) => {
  t.true(validator('orders')(amended({ quantity: '1', price: '2', kept_priority: true })));
  t.false(validator('orders')(amended({ quantity: '1' })));
});
test(told, 'subscribe', { op: 'subscribe', channels: ['ticker:BTC-USDT', 'orders'] }, true);
test(told, 'subscribe', { op: 'subscribe', channels: ['orders'], resume: 'MTctMC5hYmM' }, true);
test(told, 'subscribe', { op: 'subscribe', channels: [] }, false);
test(told, 'answer', { op: 'auth', ok: false, error: { code: 'UNAUTHENTICATED', detail: 'Log in.' } }, true);
