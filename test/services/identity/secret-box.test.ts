import { randomBytes } from 'node:crypto';
import test from 'ava';
import { createSecretBox } from '../../../services/identity/secret-box.ts';

const box = createSecretBox(randomBytes(32));
const secret = Buffer.from('twenty secret bytes!');

test('secret box: a sealed secret, opens for its owner and shows nothing', (t) => {
  const sealed = box.seal(secret, 'alice');
  t.deepEqual(box.open(sealed, 'alice'), secret);
  t.false(sealed.includes(secret));
  t.notDeepEqual(box.seal(secret, 'alice'), sealed);
});

test('secret box: moved to another owner, changed, cut or under another key, does not open', (t) => {
  const sealed = box.seal(secret, 'alice');
  const changed = Buffer.from(sealed);
  changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
  t.throws(() => box.open(sealed, 'bob'));
  t.throws(() => box.open(changed, 'alice'));
  t.throws(() => box.open(sealed.subarray(0, 20), 'alice'));
  t.throws(() => createSecretBox(randomBytes(32)).open(sealed, 'alice'));
});

test('secret box: a key that is not 32 bytes, is refused at start', (t) => {
  t.throws(() => createSecretBox(randomBytes(16)), { message: /32 bytes/ });
});
