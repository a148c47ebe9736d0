import test from 'ava';
import { z } from 'zod';
import { createMessages } from '../../../api/grpc/messages.ts';
import type { Method, ServiceTable } from '../../../api/grpc/method.ts';
import { loadProtos, serviceIn } from '../../../api/grpc/protos.ts';
import { createServices, type ServiceHandlers } from '../../../api/grpc/services.ts';
import { differences } from './agreement.ts';

const protos = loadProtos();
const messages = createMessages(protos);
/** Agreement is about shapes: nothing is called. */
const nothing: unknown = new Proxy({}, { get: (): unknown => nothing });
const services: ServiceTable = createServices(nothing as ServiceHandlers);

const typesOf = (service: string, rpc: string): { readonly request: string; readonly response: string } => {
  const definition = serviceIn(protos, service)[rpc] as unknown as {
    readonly requestType: { readonly type: { readonly name: string } };
    readonly responseType: { readonly type: { readonly name: string } };
  };
  return { request: definition.requestType.type.name, response: definition.responseType.type.name };
};

/** All that a request may carry, in one object, as gRPC has it. */
function requestOf({ operation }: Method): z.ZodObject {
  const { params, query, body } = operation as { params?: z.ZodObject; query?: z.ZodObject; body?: z.ZodObject };
  return z.strictObject({ ...params?.shape, ...query?.shape, ...body?.shape });
}

const replyOf = (method: Method): z.ZodType =>
  method.kind === 'stream' ? method.operation.message : (method.operation.reply ?? z.object({}));

for (const [service, methods] of Object.entries(services)) {
  for (const [rpc, method] of Object.entries(methods)) {
    test(`${service}.${rpc}: its proto messages, have the fields of its schemas`, (t) => {
      const { request, response } = typesOf(service, rpc);
      t.deepEqual(differences(messages, request, requestOf(method)), []);
      t.deepEqual(differences(messages, response, replyOf(method)), []);
    });
  }
}

test('proto package: each RPC it has, is served', (t) => {
  const defined = Object.keys(protos).filter((name) => name.endsWith('Service'));
  t.deepEqual(defined.map((name) => name.replace('pandora.v1.', '')).sort(), Object.keys(services).sort());
  for (const [service, methods] of Object.entries(services)) {
    t.deepEqual(Object.keys(methods).sort(), Object.keys(serviceIn(protos, service)).sort());
  }
});

const balance = { asset: z.string(), available: z.string(), reserved: z.string() };
const sees = test.macro({
  title: (_, circumstance: string) => `agreement check: ${circumstance}, is found`,
  exec: (t, _circumstance: string, schema: z.ZodType, message: string) => {
    t.is(differences(messages, message, schema).length, 1);
  },
});
test(sees, 'a field that proto lacks', z.object({ ...balance, total: z.string() }), 'Balance');
test(sees, 'a field that the schema lacks', z.object({ asset: z.string(), available: z.string() }), 'Balance');
test(sees, 'a number for a string', z.object({ ...balance, reserved: z.number().int() }), 'Balance');
test(sees, 'a list for one value', z.object({ ...balance, reserved: z.array(z.string()) }), 'Balance');
test(
  sees,
  'a field that may be left out of the schema alone',
  z.object({ ...balance, reserved: z.string().optional() }),
  'Balance',
);
test(sees, 'a missing enum value', z.object({ taker_side: z.enum(['BUY']), ...tradeWithoutSide() }), 'PublicTrade');

function tradeWithoutSide() {
  const text = z.string();
  const texts = { trade_id: text, price: text, quantity: text, quote_amount: text, executed_at: text };
  return { ...texts, trade_seq: z.number().int() };
}

test('messages: a value that its enum does not have, stays a number for the schema to refuse', (t) => {
  t.deepEqual(messages.toJson('PublicTrade', { taker_side: 7 }), { taker_side: 7 });
  t.deepEqual(messages.toJson('PublicTrade', { taker_side: 'ORDER_SIDE_UNSPECIFIED' }), {});
  t.deepEqual(messages.toJson('User', { role: 'ROLE_ADMIN' }), { role: 'admin' });
});

test('messages: REST’s pairs and nulls, a message by the order of its fields and nothing', (t) => {
  const depth = { symbol: 'BTC/USDT', book_seq: 0, bids: [['99', '1']], asks: [] };
  t.deepEqual(messages.toProto('Depth', depth), { ...depth, bids: [{ price: '99', quantity: '1' }] });
  t.deepEqual(messages.toProto('User', { first_name: null, role: 'user' }), { role: 'ROLE_USER' });
});
