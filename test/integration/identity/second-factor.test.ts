import test from 'ava';
import { decodeTotpSecret, totpCode } from '../../../services/identity/one-time-codes.ts';
import { createKit, origin } from './kit.ts';

const kit = await createKit();
const { db, identity } = kit;
const { secondFactor } = identity;
test.after.always(() => kit.close());

async function signedIn() {
  const { email } = await kit.account();
  const { accessToken } = await kit.signIn(email);
  const caller = await identity.authenticate(accessToken, origin);
  return { email, caller, again: () => identity.authenticate(accessToken, origin) };
}

async function enrolled() {
  const user = await signedIn();
  const { secret } = await secondFactor.enrol(user.caller);
  const code = () => totpCode(decodeTotpSecret(secret), kit.now());
  await secondFactor.confirm(user.caller, code(), origin);
  return { ...user, code };
}

test.serial('enrol: shown again before it is confirmed, a new secret that replaces the first', async (t) => {
  const { caller, email } = await signedIn();
  const first = await secondFactor.enrol(caller);
  const second = await secondFactor.enrol(caller);
  t.not(second.secret, first.secret);
  t.true(decodeURIComponent(second.uri).includes(email));
  const [firstCode, secondCode] = [first, second].map(({ secret }) => totpCode(decodeTotpSecret(secret), kit.now()));
  await t.throwsAsync(secondFactor.confirm(caller, firstCode!, origin), { code: 'INVALID_CREDENTIALS' });
  await t.notThrowsAsync(secondFactor.confirm(caller, secondCode!, origin));
});

test.serial('enrol: the secret, is sealed in the database', async (t) => {
  const { caller } = await signedIn();
  const { secret } = await secondFactor.enrol(caller);
  const row = await db.one<{ secret: Buffer }>('SELECT secret FROM identity.totp_secrets WHERE user_id = $1', [
    caller.userId,
  ]);
  t.false(row.secret.includes(decodeTotpSecret(secret)));
});

test.serial('enrol: an authenticator is confirmed, SECOND_FACTOR_EXISTS and the first stays', async (t) => {
  const { caller, code } = await enrolled();
  await t.throwsAsync(secondFactor.enrol(caller), { code: 'SECOND_FACTOR_EXISTS' });
  await t.throwsAsync(secondFactor.confirm(caller, code(), origin), { code: 'SECOND_FACTOR_EXISTS' });
  kit.advance(30_000);
  await t.notThrowsAsync(secondFactor.stepUp(caller, code(), origin));
});

test.serial('confirm: nothing was enrolled, SECOND_FACTOR_REQUIRED', async (t) => {
  const { caller } = await signedIn();
  await t.throwsAsync(secondFactor.confirm(caller, '123456', origin), { code: 'SECOND_FACTOR_REQUIRED' });
  await t.throwsAsync(secondFactor.stepUp(caller, '123456', origin), { code: 'SECOND_FACTOR_REQUIRED' });
});

test.serial('step-up: a fresh code, is seen by the next call; the same code again, CODE_USED', async (t) => {
  const { caller, code, again } = await enrolled();
  t.is(caller.lastFactorAt, undefined);
  t.deepEqual((await again()).lastFactorAt, kit.now());
  kit.advance(600_000);
  await secondFactor.stepUp(caller, code(), origin);
  t.deepEqual((await again()).lastFactorAt, kit.now());
  await t.throwsAsync(secondFactor.stepUp(caller, code(), origin), { code: 'CODE_USED' });
});

test.serial('step-up: wrong codes, are audited and after ten they wait', async (t) => {
  const { caller, code } = await enrolled();
  kit.advance(60_000);
  for (let failure = 1; failure <= 11; failure += 1) {
    await t.throwsAsync(secondFactor.stepUp(caller, '000000', origin), { code: 'INVALID_CREDENTIALS' });
  }
  await t.throwsAsync(secondFactor.stepUp(caller, code(), origin), { code: 'TOO_MANY_ATTEMPTS' });
  const audited = await db.manyOrNone(
    "SELECT 1 FROM audit.audit_logs WHERE user_id = $1 AND action = 'factor.step_up' AND result = 'refused'",
    [caller.userId],
  );
  t.is(audited.length, 11);
});

test.serial('step-up: the session ended meanwhile, UNAUTHENTICATED and the code is not spent', async (t) => {
  const { caller, code } = await enrolled();
  kit.advance(60_000);
  await identity.sessions.logout(caller, origin);
  await t.throwsAsync(secondFactor.stepUp(caller, code(), origin), { code: 'UNAUTHENTICATED' });
  const spent = await db.manyOrNone('SELECT 1 FROM identity.used_totp_steps WHERE user_id = $1', [caller.userId]);
  t.is(spent.length, 1);
});
