import test from 'ava';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { createEncryptionCodec } from '../../temporal/codec/encryption-codec.ts';

const old = { id: '2026-01', base64: Buffer.alloc(32, 1).toString('base64') };
const current = { id: '2026-02', base64: Buffer.alloc(32, 2).toString('base64') };
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

test('createEncryptionCodec: a payload, is unreadable at rest and comes back as it was', async (t) => {
  const codec = createEncryptionCodec([current]);
  const [sealed] = await codec.encode([payloadOf({ user: 'alice' })]);
  t.false(Buffer.from(sealed!.data!).toString('latin1').includes('alice'));
  t.false(JSON.stringify(Object.keys(sealed!.metadata!)).includes('alice'));
  const [opened] = await codec.decode([sealed!]);
  t.deepEqual(defaultPayloadConverter.fromPayload(opened!), { user: 'alice' });
});

test('createEncryptionCodec: the same payload twice, differs at rest', async (t) => {
  const codec = createEncryptionCodec([current]);
  const [first, second] = await codec.encode([payloadOf('same'), payloadOf('same')]);
  t.notDeepEqual(first!.data, second!.data);
});

test('createEncryptionCodec: a payload under an older key, is read while that key is listed', async (t) => {
  const [sealed] = await createEncryptionCodec([old]).encode([payloadOf(1)]);
  const [opened] = await createEncryptionCodec([current, old]).decode([sealed!]);
  t.is(defaultPayloadConverter.fromPayload(opened!), 1);
  const error = await t.throwsAsync(createEncryptionCodec([current]).decode([sealed!]));
  t.regex(error.message, /2026-01.*not configured/);
});

test('createEncryptionCodec: a payload changed at rest, is refused', async (t) => {
  const codec = createEncryptionCodec([current]);
  const [sealed] = await codec.encode([payloadOf('amount 1')]);
  sealed!.data![40]! ^= 1;
  await t.throwsAsync(codec.decode([sealed!]));
});

test('createEncryptionCodec: a payload that was never encrypted, passes as it is', async (t) => {
  const plain = payloadOf('typed by hand');
  t.deepEqual(await createEncryptionCodec([current]).decode([plain]), [plain]);
});

test('createEncryptionCodec: a key that is too short, is refused at once', (t) => {
  t.throws(() => createEncryptionCodec([{ id: 'short', base64: 'c2hvcnQ=' }]), { message: /32 bytes/ });
});
