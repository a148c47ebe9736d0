import test from 'ava';
import { totpStepOf } from '../../../domain/identity/totp.ts';
import {
  decodeTotpSecret,
  encodeTotpSecret,
  newTotpSecret,
  totpCode,
  totpStep,
  totpUri,
} from '../../../services/identity/one-time-codes.ts';

const secret = Buffer.from('12345678901234567890');
const at = new Date(59_000);

test('totpCode: the test vector of RFC 6238, is its last six digits', (t) => {
  t.is(totpCode(secret, at), '287082');
});

test('totpStep: codes of this step and its neighbours, count; older and younger do not', (t) => {
  const steps = [-2, -1, 0, 1, 2].map((delta) =>
    totpStep(secret, totpCode(secret, new Date(59_000 + delta * 30_000)), at),
  );
  t.deepEqual(steps, [undefined, 0, 1, 2, undefined]);
  t.is(totpStepOf(at), 1);
});

test('totpStep: what is no code, does not count', (t) => {
  for (const code of ['', '28708', '2870820', 'abcdef', '２８７０８２'])
    t.is(totpStep(secret, code, at), undefined, code);
});

test('totp secret: 160 bits, survive Base32 and stand in the URI', (t) => {
  const fresh = newTotpSecret();
  t.is(fresh.length, 20);
  t.deepEqual(decodeTotpSecret(encodeTotpSecret(fresh)), fresh);
  const uri = new URL(totpUri(fresh, 'alice@example.com'));
  t.is(uri.searchParams.get('secret'), encodeTotpSecret(fresh));
  t.is(uri.protocol, 'otpauth:');
});
