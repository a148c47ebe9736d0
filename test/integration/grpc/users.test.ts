import {
  type Client,
  type ClientDuplexStream,
  credentials,
  makeClientConstructor,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import test from 'ava';
import { service as healthService } from 'grpc-health-check';
import { loadSync } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor.js';
import { createUserService } from '../../../api/grpc/services.ts';
import { createUserHandlers } from '../../../api/rest/handlers/users.ts';
import { createKit, type Kit } from '../identity/kit.ts';
import { connect, invoke, openGrpc, refusal, type Rpc, serviceToken, withToken } from './kit.ts';

let kit: Kit;
let users: Rpc;
let address: string;
let close: () => Promise<void>;

test.before(async () => {
  kit = await createKit();
  const UserService = createUserService({ users: createUserHandlers(kit.identity.accounts) });
  const opened = await openGrpc({ UserService }, { authenticate: kit.identity.authenticate });
  address = opened.address;
  users = connect(address, 'UserService');
  close = () => opened.server.close();
});

test.after.always(async () => {
  users.close();
  await close();
  await kit.close();
});

test('UserService.GetUser: a known id and the service token, the account with REST’s fields', async (t) => {
  const { userId, email } = await kit.account();
  const user = await invoke(users, 'GetUser', { user_id: userId }, withToken(serviceToken));
  t.like(user, { user_id: userId, email, role: 'ROLE_USER', kyc_status: 'KYC_STATUS_PENDING', email_verified: true });
  t.false('first_name' in user);
});

test('UserService.GetUserByEmail: a known address, its account', async (t) => {
  const { userId, email } = await kit.account();
  t.like(await invoke(users, 'GetUserByEmail', { email }, withToken(serviceToken)), { user_id: userId });
});

test('UserService.ListUsers: more accounts than the limit, pages that join to all of them', async (t) => {
  const made = new Set((await Promise.all([kit.account(), kit.account(), kit.account()])).map(({ userId }) => userId));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const request = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const reply = await invoke(users, 'ListUsers', request, withToken(serviceToken));
    seen.push(...((reply['items'] ?? []) as { user_id: string }[]).map(({ user_id }) => user_id));
    cursor = reply['next_cursor'] as string | undefined;
  } while (cursor !== undefined);
  t.is(new Set(seen).size, seen.length);
  t.true([...made].every((userId) => seen.includes(userId)));
});

test('UserService.GetUser: an unknown id, NOT_FOUND with its code in the trailer', async (t) => {
  const call = invoke(users, 'GetUser', { user_id: kit.deps.newId() }, withToken(serviceToken));
  t.like(await refusal(call), { status: status.NOT_FOUND, code: 'NOT_FOUND' });
});

test('UserService.GetUser: a malformed id, INVALID_ARGUMENT that names the field', async (t) => {
  const { status: code, problem } = await refusal(invoke(users, 'GetUser', { user_id: '7' }, withToken(serviceToken)));
  t.is(code, status.INVALID_ARGUMENT);
  t.like(problem, { code: 'INVALID_REQUEST', status: 400, errors: [{ pointer: '/user_id' }] });
});

test('UserService.GetUser: no token, or a customer’s, UNAUTHENTICATED', async (t) => {
  const { email } = await kit.account();
  const { accessToken } = await kit.signIn(email);
  const message = { user_id: kit.deps.newId() };
  for (const call of [invoke(users, 'GetUser', message), invoke(users, 'GetUser', message, withToken(accessToken))]) {
    t.like(await refusal(call), { status: status.UNAUTHENTICATED, code: 'UNAUTHENTICATED' });
  }
});

test('health: the server and each service, SERVING', async (t) => {
  const health = clientOf(healthService);
  for (const service of ['', 'pandora.v1.UserService']) {
    t.like(await invoke(health, 'check', { service }), { status: 'SERVING' });
  }
  health.close();
});

test('reflection: asked for its services, those of the proto package and the health service', async (t) => {
  const { listServicesResponse } = await reflect({ listServices: '' });
  const names = listServicesResponse?.service.map(({ name }) => name) ?? [];
  const ours = ['MarketDataService', 'OrderService', 'UserService', 'WalletService'];
  t.deepEqual(names.toSorted(), ['grpc.health.v1.Health', ...ours.map((name) => `pandora.v1.${name}`)]);
});

for (const symbol of ['pandora.v1.OrderService', 'grpc.health.v1.Health', 'grpc.health.v1.HealthCheckRequest']) {
  test(`reflection: asked for ${symbol}, the file that describes it`, async (t) => {
    const { fileDescriptorResponse } = await reflect({ fileContainingSymbol: symbol });
    const described = Buffer.concat(fileDescriptorResponse?.fileDescriptorProto ?? []).toString('latin1');
    t.true(described.includes(symbol.split('.').at(-1)!));
  });
}

test('reflection: a message with a map, its entry has the name that clients demand', async (t) => {
  const { fileDescriptorResponse } = await reflect({ fileContainingSymbol: 'grpc.health.v1.HealthListResponse' });
  const file = descriptor.FileDescriptorProto.decode(fileDescriptorResponse?.fileDescriptorProto[0] ?? Buffer.of());
  const { messageType } = file.toJSON() as { messageType: { name: string }[] };
  t.like(
    messageType.find(({ name }) => name === 'HealthListResponse'),
    { field: [{ name: 'statuses', typeName: 'StatusesEntry' }], nestedType: [{ name: 'StatusesEntry' }] },
  );
});

interface Reflected {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

/** Asks the server what it is, as grpcurl does. */
async function reflect(request: object): Promise<Reflected> {
  const proto = new URL(
    '../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
    import.meta.url,
  );
  const service = loadSync(proto.pathname)['grpc.reflection.v1.ServerReflection'] as ServiceDefinition;
  const client = clientOf(service);
  const stream = client['ServerReflectionInfo']!() as ClientDuplexStream<object, Reflected>;
  const answered = new Promise<Reflected>((resolve, reject) => stream.once('data', resolve).once('error', reject));
  stream.write(request);
  const reply = await answered;
  stream.end();
  client.close();
  return reply;
}

const clientOf = (service: ServiceDefinition): Rpc =>
  new (makeClientConstructor(service, 'test'))(address, credentials.createInsecure()) as Client as Rpc;
