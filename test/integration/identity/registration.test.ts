import test from 'ava';
import type { ErrorCode } from '../../../domain/errors.ts';
import { createKit, goodPassword, newEmail, origin, tokenIn } from './kit.ts';

const kit = await createKit();
const { db, identity } = kit;
const { registration, registrationSteps: steps } = identity;
test.after.always(() => kit.close());

const register = (email: string) => registration.register({ email, password: goodPassword }, origin);
const linkFor = async (userId: string) => tokenIn(await steps.mailForRegistration(userId));

interface OutboxRow {
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}
const outboxOf = (userId: string): Promise<OutboxRow[]> =>
  db.manyOrNone<OutboxRow>('SELECT kind, payload FROM outbox.entries WHERE aggregate = $1 ORDER BY seq', [
    `user:${userId}`,
  ]);

test.serial('register: a new address, makes a pending row, its workflow, its event and its audit line', async (t) => {
  const email = newEmail();
  const user = await registration.register(
    { email: ` ${email} `, password: goodPassword, firstName: 'Ada', lastName: 'Lovelace' },
    origin,
  );
  t.like(user, {
    email,
    firstName: 'Ada',
    lastName: 'Lovelace',
    role: 'user',
    kycStatus: 'pending',
    verifiedAt: undefined,
  });
  const [event, start, ...rest] = await outboxOf(user.userId);
  t.like(event, { kind: 'event', payload: { stream: 'user-service:events' } });
  t.like(event?.payload['event'], {
    type: 'user.registered',
    user_id: user.userId,
    payload: { email, first_name: 'Ada', last_name: 'Lovelace', role: 'user' },
  });
  t.like(start, { kind: 'start', payload: { workflow: 'registration', input: user.userId } });
  t.deepEqual(rest, []);
  const audit = await db.one<object>('SELECT action, result FROM audit.audit_logs WHERE resource_id = $1', [
    user.userId,
  ]);
  t.deepEqual(audit, { action: 'user.register', result: 'done' });
});

test.serial('register: a taken address, changes nothing that can be seen from outside', async (t) => {
  const { email, userId: owner } = await kit.account();
  const free = await register(newEmail());
  const taken = await register(email);
  const { userId: _a, email: _b, createdAt: _c, ...freeRest } = free;
  const { userId: _d, email: _e, createdAt: _f, ...takenRest } = taken;
  t.deepEqual(takenRest, freeRest);
  t.not(taken.userId, owner);
  const kinds = (rows: readonly OutboxRow[]) => rows.map(({ kind }) => kind);
  t.deepEqual(kinds(await outboxOf(taken.userId)), kinds(await outboxOf(free.userId)));
});

const refuses = test.macro({
  title: (_, what: string) => `register: ${what}, INVALID_REQUEST and no row`,
  exec: async (t, _what: string, input: Partial<Parameters<typeof registration.register>[0]>, pointers: string[]) => {
    const before = await db.one<{ count: string }>('SELECT count(*) FROM identity.users');
    const attempt = registration.register({ email: newEmail(), password: goodPassword, ...input }, origin);
    const error = await t.throwsAsync<Error & { code: ErrorCode; details: { errors: { pointer: string }[] } }>(attempt);
    t.is(error.code, 'INVALID_REQUEST');
    t.deepEqual(
      error.details.errors.map(({ pointer }) => pointer),
      pointers,
    );
    t.deepEqual(await db.one('SELECT count(*) FROM identity.users'), before);
    if (input.password !== undefined) t.false(JSON.stringify(error).includes(input.password));
  },
});

test.serial(refuses, 'no address', { email: 'alice' }, ['/email']);
test.serial(refuses, 'a short password', { password: 'short' }, ['/password']);
test.serial(refuses, 'a common password', { password: '123456789012' }, ['/password']);
test.serial(refuses, 'a control character in a name', { firstName: 'A\u0000da', lastName: '\n' }, [
  '/first_name',
  '/last_name',
]);
test.serial(refuses, 'everything wrong at once', { email: '', password: 'tiny pw' }, ['/email', '/password']);

test.serial('first mail: a free address, gets a link that verifies', async (t) => {
  const email = newEmail();
  const { userId } = await register(email);
  const mail = await steps.mailForRegistration(userId);
  t.is(mail?.to, email);
  t.regex(mail?.text ?? '', /https:\/\/exchange\.test\/verify-email#token=[\w-]{43}\n/);
  const user = await registration.verifyEmail(tokenIn(mail), origin);
  t.is(user.userId, userId);
  t.is(await steps.registrationState(userId), 'verified');
});

test.serial('first mail: a taken address, goes to its account and holds no link', async (t) => {
  const { email } = await kit.account();
  const { userId } = await register(email.toUpperCase());
  const mail = await steps.mailForRegistration(userId);
  t.is(mail?.to, email);
  t.regex(mail?.subject ?? '', /already have an account/);
  t.is(tokenIn(mail), 'no token');
  t.is(await steps.reminderFor(userId), undefined);
});

test.serial('first mail: asked for twice, both links verify and only their SHA-256 is stored', async (t) => {
  const { userId } = await register(newEmail());
  const [first, second] = [await linkFor(userId), await linkFor(userId)];
  t.not(first, second);
  const stored = await db.manyOrNone('SELECT * FROM identity.email_tokens WHERE user_id = $1', [userId]);
  t.is(stored.length, 2);
  t.false(JSON.stringify(stored).includes(first));
  await registration.verifyEmail(first, origin);
  await t.notThrowsAsync(registration.verifyEmail(second, origin));
});

test.serial(
  'verify: the clicked attempt, becomes the account, its rivals end and their workflows are told',
  async (t) => {
    const email = newEmail();
    const [first, second] = [await register(email), await register(email)];
    const [firstLink, secondLink] = [await linkFor(first.userId), await linkFor(second.userId)];
    const account = await registration.verifyEmail(firstLink, origin);
    t.is(account.userId, first.userId);
    t.is(await steps.registrationState(second.userId), 'gone');
    await t.throwsAsync(registration.verifyEmail(secondLink, origin), { code: 'INVALID_TOKEN' });
    for (const { userId } of [first, second]) {
      const told = (await outboxOf(userId)).filter(({ kind }) => kind === 'signal');
      t.like(told, [{ payload: { workflowId: `registration:${userId}`, signal: 'verified' } }]);
    }
  },
);

test.serial('verify: a second click, answers the same and happens once', async (t) => {
  const { userId } = await register(newEmail());
  const link = await linkFor(userId);
  const first = await registration.verifyEmail(link, origin);
  t.deepEqual(await registration.verifyEmail(link, origin), first);
  t.is(kit.verified.filter((id) => id === userId).length, 1);
});

test.serial('verify: twenty clicks on the links of five rivals at once, one account and no fault', async (t) => {
  const email = newEmail();
  const rivals = await Promise.all(Array.from({ length: 5 }, () => register(email)));
  const links = await Promise.all(rivals.map(({ userId }) => linkFor(userId)));
  const clicks = Array.from({ length: 4 }, () => links).flat();
  const settled = await Promise.allSettled(clicks.map((link) => registration.verifyEmail(link, origin)));
  const winners = new Set(settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.userId] : [])));
  t.is(winners.size, 1);
  for (const result of settled) {
    if (result.status === 'rejected') t.is((result.reason as { code: string }).code, 'INVALID_TOKEN');
  }
  const rows = await db.manyOrNone<{ user_id: string }>('SELECT user_id FROM identity.users WHERE email = $1', [email]);
  t.deepEqual(new Set(rows.map((row) => row.user_id)), winners);
  t.is(kit.verified.filter((id) => winners.has(id)).length, 1);
});

test.serial('verify: a link mailed before a rival was verified unseen, is refused by the address itself', async (t) => {
  const email = newEmail();
  const late = await register(email);
  const link = await linkFor(late.userId);
  const winner = await register(email);
  // As if the winner's transaction had not seen the late attempt.
  await db.none('UPDATE identity.users SET verified_at = now() WHERE user_id = $1', [winner.userId]);
  await t.throwsAsync(registration.verifyEmail(link, origin), { code: 'INVALID_TOKEN' });
  t.is(await steps.registrationState(late.userId), 'waiting');
});

test.serial('verify: an unknown, an expired or a freeze link, INVALID_TOKEN', async (t) => {
  const { userId } = await register(newEmail());
  const link = await linkFor(userId);
  await t.throwsAsync(registration.verifyEmail('unknown', origin), { code: 'INVALID_TOKEN' });
  await db.none("UPDATE identity.email_tokens SET purpose = 'freeze' WHERE user_id = $1", [userId]);
  await t.throwsAsync(registration.verifyEmail(link, origin), { code: 'INVALID_TOKEN' });
  await db.none("UPDATE identity.email_tokens SET purpose = 'verify' WHERE user_id = $1", [userId]);
  kit.advance(72 * 3_600_000);
  await t.throwsAsync(registration.verifyEmail(link, origin), { code: 'INVALID_TOKEN' });
  t.is(await steps.registrationState(userId), 'waiting');
});

test.serial('verify: another module fails, nothing is verified', async (t) => {
  const broken = { ...kit.deps, onVerified: [() => Promise.reject(new Error('no wallet'))] };
  const { createIdentityService } = await import('../../../services/identity/identity.ts');
  const { userId } = await register(newEmail());
  const link = await linkFor(userId);
  await t.throwsAsync(createIdentityService(broken).registration.verifyEmail(link, origin), { message: 'no wallet' });
  t.is(await steps.registrationState(userId), 'waiting');
});

test.serial('reminder: an attempt that waits, gets a fresh link; a verified or removed one gets none', async (t) => {
  const { userId } = await register(newEmail());
  const user = await registration.verifyEmail(tokenIn(await steps.reminderFor(userId)), origin);
  t.is(user.userId, userId);
  t.is(await steps.reminderFor(userId), undefined);
  t.is(await steps.mailForRegistration(userId), undefined);
  const gone = await register(newEmail());
  await steps.removeIfUnverified(gone.userId);
  t.is(await steps.reminderFor(gone.userId), undefined);
});

test.serial('remove: an attempt goes with its links, an account stays, and both can be asked twice', async (t) => {
  const { userId } = await register(newEmail());
  const link = await linkFor(userId);
  t.is(await steps.removeIfUnverified(userId), 'gone');
  t.is(await steps.removeIfUnverified(userId), 'gone');
  await t.throwsAsync(registration.verifyEmail(link, origin), { code: 'INVALID_TOKEN' });
  const account = await kit.account();
  t.is(await steps.removeIfUnverified(account.userId), 'verified');
  t.is(await steps.removeIfUnverified(account.userId), 'verified');
  await t.notThrowsAsync(kit.signIn(account.email));
});

test.serial('remove: a click at the same moment, either wins and nothing is left between', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const { userId } = await register(newEmail());
    const link = await linkFor(userId);
    const [click, state] = await Promise.all([
      registration.verifyEmail(link, origin).then(
        () => 'verified',
        () => 'gone',
      ),
      steps.removeIfUnverified(userId),
    ]);
    t.is(state, click as typeof state);
    t.is(await steps.registrationState(userId), state);
  }
});

test.serial('waiting: attempts older than an instant, are listed in pages, accounts are not', async (t) => {
  const [first, second] = [await register(newEmail()), await register(newEmail())];
  const account = await kit.account();
  kit.advance(60_000);
  const young = await register(newEmail());
  const page = { after: undefined, createdBefore: young.createdAt, limit: 500 };
  const all = (await steps.findWaiting(page)).map(({ input }) => input);
  t.deepEqual(all.slice(-2), [first.userId, second.userId]);
  t.false(all.includes(account.userId));
  const rest = await steps.findWaiting({ ...page, after: first.userId, limit: 1 });
  t.like(rest, [{ workflow: 'registration', input: second.userId }]);
});

test.serial('resend: a waiting attempt, its workflow is asked once in five minutes', async (t) => {
  const email = newEmail();
  const { userId } = await register(email);
  const asked = async () =>
    (await outboxOf(userId)).filter(({ payload }) => payload['signal'] === 'mailRequested').length;
  await registration.resendVerification(email);
  t.is(await asked(), 0);
  const firstMail = await steps.mailForRegistration(userId);
  kit.advance(5 * 60_000);
  await Promise.all([1, 2, 3].map(() => registration.resendVerification(email)));
  t.is(await asked(), 1);
  const secondMail = await steps.mailForRegistration(userId);
  t.not(secondMail?.messageId, firstMail?.messageId);
});

test.serial('resend: unknown, verified and malformed addresses, the same answer and nothing happens', async (t) => {
  const { email, userId } = await kit.account();
  kit.advance(5 * 60_000);
  const before = await outboxOf(userId);
  for (const address of [email, newEmail(), 'nonsense']) {
    await t.notThrowsAsync(registration.resendVerification(address));
  }
  t.deepEqual(await outboxOf(userId), before);
});
