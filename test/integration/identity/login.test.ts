import test from 'ava';
import type { Origin } from '../../../domain/origin.ts';
import { createIdentityService } from '../../../services/identity/identity.ts';
import { decodeTotpSecret, totpCode } from '../../../services/identity/one-time-codes.ts';
import { createPasswords, type Passwords } from '../../../services/identity/passwords.ts';
import { createKit, goodPassword, newEmail, origin, tokenIn } from './kit.ts';

const kit = await createKit();
const { db, identity } = kit;
test.after.always(() => kit.close());

const stranger: Origin = { ...origin, ipAddress: '198.51.100.9', userAgent: 'another browser' };
const wrong = (email: string, from = origin) => identity.login({ email, password: 'a wrong password' }, from);

/** Counts what is verified against which hash, around the real thing. */
function spy(passwords: Passwords) {
  const verified: (string | undefined)[] = [];
  const spied: Passwords = {
    ...passwords,
    verify: (hash, password) => {
      verified.push(hash);
      return passwords.verify(hash, password);
    },
  };
  return { spied, verified };
}

async function enrol(email: string): Promise<(at?: Date) => string> {
  const caller = await identity.authenticate((await kit.signIn(email)).accessToken, origin);
  const { secret } = await identity.secondFactor.enrol(caller);
  const code = (at = kit.now()) => totpCode(decodeTotpSecret(secret), at);
  await identity.secondFactor.confirm(caller, code(), origin);
  kit.advance(90_000);
  return code;
}

test.serial(
  'login: the right password in any spelling of the address, opens a session that is told and audited',
  async (t) => {
    const { email, userId } = await kit.account();
    const tokens = await identity.login({ email: ` ${email.toUpperCase()}`, password: goodPassword }, origin);
    t.is(tokens.expiresInSeconds, 900);
    const audit = await db.one<object>('SELECT action, result, user_id FROM audit.audit_logs WHERE resource_id = $1', [
      tokens.sessionId,
    ]);
    t.deepEqual(audit, { action: 'session.login', result: 'done', user_id: userId });
    const { event } = await db.one<{ event: object }>(
      `SELECT payload -> 'event' AS event FROM outbox.entries WHERE payload -> 'event' ->> 'type' = 'user.logged_in'
        AND aggregate = $1`,
      [`user:${userId}`],
    );
    t.like(event, { payload: { email, ip_address: origin.ipAddress, user_agent: origin.userAgent } });
  },
);

test.serial(
  'login: an unknown address, a wrong password, a malformed address, one answer after one verify each',
  async (t) => {
    const { email } = await kit.account();
    const { spied, verified } = spy(kit.deps.passwords);
    const watched = createIdentityService({ ...kit.deps, passwords: spied });
    const answers = [];
    for (const address of [email, newEmail(), 'nonsense']) {
      const attempt = watched.login({ email: address, password: 'a wrong password' }, origin);
      const error = await t.throwsAsync<Error & { code: string; details: object }>(attempt);
      answers.push({ code: error.code, message: error.message, details: error.details });
    }
    t.deepEqual(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
    t.is(answers[0]?.code, 'INVALID_CREDENTIALS');
    t.is(verified.length, 3);
    t.deepEqual(
      verified.map((hash) => hash !== undefined),
      [true, false, false],
    );
  },
);

test.serial('login: a wrong password, is audited without address or password', async (t) => {
  const { email, userId } = await kit.account();
  await t.throwsAsync(wrong(email), { code: 'INVALID_CREDENTIALS' });
  const rows = await db.manyOrNone(
    "SELECT * FROM audit.audit_logs WHERE resource_id = $1 AND result = 'refused' AND action = 'session.login'",
    [userId],
  );
  t.is(rows.length, 1);
  t.false(JSON.stringify(rows).includes(email) || JSON.stringify(rows).includes('wrong password'));
});

test.serial('login: an address not verified, is refused like a wrong password and its mail is asked for', async (t) => {
  const email = newEmail();
  const { userId } = await identity.registration.register({ email, password: goodPassword }, origin);
  kit.advance(5 * 60_000);
  const signals = () =>
    db.manyOrNone("SELECT 1 FROM outbox.entries WHERE kind = 'signal' AND aggregate = $1", [`user:${userId}`]);
  await t.throwsAsync(wrong(email), { code: 'INVALID_CREDENTIALS' });
  t.is((await signals()).length, 0);
  await t.throwsAsync(kit.signIn(email), { code: 'INVALID_CREDENTIALS' });
  t.is((await signals()).length, 1);
  await t.throwsAsync(kit.signIn(email), { code: 'INVALID_CREDENTIALS' });
  t.is((await signals()).length, 1);
});

test.serial('login: an attempt at the address of an account, never signs in with its own password', async (t) => {
  const { email } = await kit.account();
  await identity.registration.register({ email, password: 'the password of a thief' }, origin);
  const login = identity.login({ email, password: 'the password of a thief' }, origin);
  await t.throwsAsync(login, { code: 'INVALID_CREDENTIALS' });
  await t.notThrowsAsync(kit.signIn(email));
});

test.serial('login: costs were raised, the password is hashed anew once and still works', async (t) => {
  const { email, userId } = await kit.account();
  const costs = { memoryKib: 64, iterations: 2, parallelism: 1, concurrency: 1, queueLimit: 9 };
  const dearer = createIdentityService({ ...kit.deps, passwords: await createPasswords(costs) });
  const stored = () =>
    db.one<{ password_hash: string }>('SELECT password_hash FROM identity.users WHERE user_id = $1', [userId]);
  await t.throwsAsync(dearer.login({ email, password: 'a wrong password' }, origin));
  t.regex((await stored()).password_hash, /t=1/);
  await dearer.login({ email, password: goodPassword }, origin);
  const rehashed = await stored();
  t.regex(rehashed.password_hash, /t=2/);
  await dearer.login({ email, password: goodPassword }, origin);
  t.deepEqual(await stored(), rehashed);
});

test.serial('login: a frozen account, ACCOUNT_FROZEN to its owner only', async (t) => {
  const { email, userId } = await kit.account();
  await db.none('UPDATE identity.users SET frozen_at = now() WHERE user_id = $1', [userId]);
  await t.throwsAsync(kit.signIn(email), { code: 'ACCOUNT_FROZEN' });
  await t.throwsAsync(wrong(email), { code: 'INVALID_CREDENTIALS' });
});

test.serial('login: without address and program of the caller, signs in and tells so', async (t) => {
  const { email } = await kit.account();
  const { accessToken } = await identity.login({ email, password: goodPassword }, { traceId: origin.traceId });
  const [session] = await identity.sessions.list(await identity.authenticate(accessToken, origin));
  t.is(session?.ipAddress, undefined);
  t.is(session?.userAgent, '');
});

test.serial('login: a deleted account, is unknown', async (t) => {
  const { email, userId } = await kit.account();
  await db.none('UPDATE identity.users SET deleted_at = now() WHERE user_id = $1', [userId]);
  await t.throwsAsync(kit.signIn(email), { code: 'INVALID_CREDENTIALS' });
});

test.serial(
  'lock-out: ten failures in a row, from the eleventh on strangers wait and their waiting doubles',
  async (t) => {
    const { email } = await kit.account();
    for (let failure = 1; failure <= 11; failure += 1) {
      await t.throwsAsync(wrong(email, stranger), { code: 'INVALID_CREDENTIALS' }, `failure ${failure}`);
    }
    const waits = { code: 'TOO_MANY_ATTEMPTS' } as const;
    const first = await t.throwsAsync<Error & { details: { retryAfter: number } }>(wrong(email, stranger), waits);
    t.is(first.details.retryAfter, 1);
    await t.throwsAsync(identity.login({ email, password: goodPassword }, stranger), waits);
    kit.advance(1_000);
    await t.throwsAsync(wrong(email, stranger), { code: 'INVALID_CREDENTIALS' });
    kit.advance(1_999);
    await t.throwsAsync(wrong(email, stranger), waits);
    kit.advance(1);
    await t.notThrowsAsync(identity.login({ email, password: goodPassword }, stranger));
    for (let failure = 1; failure <= 10; failure += 1) await t.throwsAsync(wrong(email, stranger));
    await t.throwsAsync(wrong(email, stranger), { code: 'INVALID_CREDENTIALS' });
  },
);

test.serial('lock-out: an unknown address, is delayed exactly as a known one', async (t) => {
  const email = newEmail();
  for (let failure = 1; failure <= 11; failure += 1) await t.throwsAsync(wrong(email), { code: 'INVALID_CREDENTIALS' });
  await t.throwsAsync(wrong(email), { code: 'TOO_MANY_ATTEMPTS' });
});

test.serial('lock-out: a device that signed in within 90 days, goes on while strangers wait', async (t) => {
  const { email } = await kit.account();
  await kit.signIn(email);
  for (let failure = 1; failure <= 12; failure += 1) await t.throwsAsync(wrong(email, stranger));
  await t.throwsAsync(identity.login({ email, password: goodPassword }, stranger), { code: 'TOO_MANY_ATTEMPTS' });
  const sameNetwork = { ...origin, ipAddress: '192.0.2.200' };
  await t.notThrowsAsync(identity.login({ email, password: goodPassword }, sameNetwork));
  kit.advance(91 * 86_400_000);
  for (let failure = 1; failure <= 12; failure += 1) await t.throwsAsync(wrong(email, stranger));
  await t.throwsAsync(kit.signIn(email), { code: 'TOO_MANY_ATTEMPTS' });
});

test.serial('lock-out: fifty guesses at once, no more than eleven are judged', async (t) => {
  const { email } = await kit.account();
  const settled = await Promise.allSettled(Array.from({ length: 50 }, () => wrong(email, stranger)));
  const codes = settled.map((result) =>
    result.status === 'rejected' ? (result.reason as { code: string }).code : 'in',
  );
  t.is(codes.filter((code) => code === 'INVALID_CREDENTIALS').length, 11);
  t.is(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS').length, 39);
});

test.serial('lock-out: a full password pool, is no failure', async (t) => {
  const { email } = await kit.account();
  const full: Passwords = { ...kit.deps.passwords, verify: () => Promise.reject(new Error('full')) };
  const busy = createIdentityService({ ...kit.deps, passwords: full });
  for (let n = 0; n < 15; n += 1)
    await t.throwsAsync(busy.login({ email, password: goodPassword }, stranger), { message: 'full' });
  await t.notThrowsAsync(identity.login({ email, password: goodPassword }, stranger));
});

test.serial(
  'second factor: without code, wrong code and right code, only the last signs in and counts as shown',
  async (t) => {
    const { email } = await kit.account();
    const code = await enrol(email);
    await t.throwsAsync(kit.signIn(email), { code: 'SECOND_FACTOR_REQUIRED' });
    await t.throwsAsync(identity.login({ email, password: 'a wrong password', totp: code() }, origin), {
      code: 'INVALID_CREDENTIALS',
    });
    const old = code(new Date(kit.now().getTime() - 120_000));
    await t.throwsAsync(identity.login({ email, password: goodPassword, totp: old }, origin), {
      code: 'INVALID_CREDENTIALS',
    });
    const tokens = await identity.login({ email, password: goodPassword, totp: code() }, origin);
    const caller = await identity.authenticate(tokens.accessToken, origin);
    t.deepEqual(caller.lastFactorAt, kit.now());
  },
);

test.serial('second factor: a code used before, CODE_USED, also for two logins at once', async (t) => {
  const { email } = await kit.account();
  const code = await enrol(email);
  const login = () => identity.login({ email, password: goodPassword, totp: code() }, origin);
  const settled = await Promise.allSettled([login(), login(), login()]);
  t.is(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  await t.throwsAsync(login(), { code: 'CODE_USED' });
});

test.serial(
  'second factor: guesses with the right password, count for the lock-out, asking without code does not reset',
  async (t) => {
    const { email } = await kit.account();
    const code = await enrol(email);
    const guess = () => identity.login({ email, password: goodPassword, totp: '000000' }, stranger);
    for (let failure = 1; failure <= 11; failure += 1) {
      await t.throwsAsync(guess(), { code: 'INVALID_CREDENTIALS' });
      if (failure < 11)
        await t.throwsAsync(identity.login({ email, password: goodPassword }, stranger), {
          code: 'SECOND_FACTOR_REQUIRED',
        });
    }
    await t.throwsAsync(guess(), { code: 'TOO_MANY_ATTEMPTS' });
    await t.throwsAsync(identity.login({ email, password: goodPassword }, stranger), { code: 'TOO_MANY_ATTEMPTS' });
    kit.advance(30_000);
    await t.notThrowsAsync(identity.login({ email, password: goodPassword, totp: code() }, stranger));
  },
);

test.serial('second factor: an officer without an authenticator, does not sign in', async (t) => {
  const email = newEmail();
  const { userId } = await identity.registration.register({ email, password: goodPassword }, origin);
  await identity.registration.verifyEmail(
    tokenIn(await identity.registrationSteps.mailForRegistration(userId)),
    origin,
  );
  await db.none("UPDATE identity.users SET role = 'compliance' WHERE user_id = $1", [userId]);
  await t.throwsAsync(kit.signIn(email), { code: 'SECOND_FACTOR_REQUIRED' });
  await t.throwsAsync(identity.login({ email, password: goodPassword, totp: '123456' }, origin), {
    code: 'SECOND_FACTOR_REQUIRED',
  });
});
