import test from 'ava';
import { createKit, goodPassword, newEmail, origin, tokenIn } from './kit.ts';

const kit = await createKit();
const { db, identity } = kit;
const { accounts, protection } = identity;
test.after.always(() => kit.close());

async function signedIn() {
  const { email, userId } = await kit.account();
  const tokens = await kit.signIn(email);
  return { email, userId, tokens, caller: await identity.authenticate(tokens.accessToken, origin) };
}

const lastEvent = (userId: string, type: string) =>
  db.oneOrNone<{ event: Record<string, unknown> }>(
    `SELECT payload -> 'event' AS event FROM outbox.entries
      WHERE aggregate = $1 AND payload -> 'event' ->> 'type' = $2 ORDER BY seq DESC LIMIT 1`,
    [`user:${userId}`, type],
  );

test.serial('profile: one name is given, it changes, the other stays, and others are told', async (t) => {
  const { caller, userId, email } = await signedIn();
  await identity.profile.updateMe(caller, { firstName: 'Ada', lastName: 'Byron' }, origin);
  const user = await identity.profile.updateMe(caller, { lastName: 'Lovelace' }, origin);
  t.like(user, { firstName: 'Ada', lastName: 'Lovelace' });
  t.deepEqual(await identity.profile.me(caller), user);
  const told = await lastEvent(userId, 'user.profile.updated');
  t.deepEqual(told?.event['payload'], { email, first_name: 'Ada', last_name: 'Lovelace' });
  const names = { firstName: 'A\u0007' };
  await t.throwsAsync(identity.profile.updateMe(caller, names, origin), { code: 'INVALID_REQUEST' });
});

test.serial('profile: a deleted account, NOT_FOUND', async (t) => {
  const { caller, userId } = await signedIn();
  await db.none('UPDATE identity.users SET deleted_at = now() WHERE user_id = $1', [userId]);
  await t.throwsAsync(identity.profile.me(caller), { code: 'NOT_FOUND' });
  await t.throwsAsync(identity.profile.updateMe(caller, { firstName: 'A' }, origin), { code: 'NOT_FOUND' });
});

test.serial('accounts: by id and by any spelling of the address, found; others, NOT_FOUND', async (t) => {
  const { userId, email } = await kit.account();
  t.like(await accounts.get(userId), { email });
  t.like(await accounts.getByEmail(email.toUpperCase()), { userId });
  await t.throwsAsync(accounts.get('018f0000-0000-7000-8000-000000000000'), { code: 'NOT_FOUND' });
  for (const address of [newEmail(), 'nonsense'])
    await t.throwsAsync(accounts.getByEmail(address), { code: 'NOT_FOUND' });
  const pending = newEmail();
  await identity.registration.register({ email: pending, password: goodPassword }, origin);
  await t.throwsAsync(accounts.getByEmail(pending), { code: 'NOT_FOUND' });
});

test.serial('accounts: listed in pages, each once and in order', async (t) => {
  await kit.account();
  await kit.account();
  const all = await accounts.list({ limit: 500 });
  const first = await accounts.list({ limit: 2 });
  const rest = await accounts.list({ after: first[1]!.userId, limit: 500 });
  t.deepEqual([...first, ...rest], all);
});

test.serial('KYC status: a decision, sets it with event and audit line in the decision’s transaction', async (t) => {
  const { userId, email } = await kit.account();
  const change = {
    userId,
    kycStatus: 'verified',
    decidedBy: { actor: 'officer', userId: '018f0000-0000-7000-8000-000000000001' },
    details: { case_id: 'c1' },
    origin,
  } as const;
  const undone = db.tx(async (tx) => {
    await accounts.setKycStatus(tx, change);
    throw new Error('undone');
  });
  await t.throwsAsync(undone, { message: 'undone' });
  t.like(await accounts.get(userId), { kycStatus: 'pending' });
  t.is(await lastEvent(userId, 'user.kyc.updated'), null);

  t.like(await db.tx((tx) => accounts.setKycStatus(tx, change)), { kycStatus: 'verified' });
  const told = await lastEvent(userId, 'user.kyc.updated');
  t.deepEqual(told?.event['payload'], { email, kyc_status: 'verified', old_status: 'pending' });
  const audit = await db.one<object>(
    "SELECT actor, user_id, details FROM audit.audit_logs WHERE action = 'user.set_kyc_status' AND resource_id = $1",
    [userId],
  );
  t.deepEqual(audit, {
    actor: 'officer',
    user_id: change.decidedBy.userId,
    details: { case_id: 'c1', before: 'pending', after: 'verified' },
  });
});

test.serial('KYC status: an attempt that is no account, NOT_FOUND', async (t) => {
  const { userId } = await identity.registration.register({ email: newEmail(), password: goodPassword }, origin);
  const change = { userId, kycStatus: 'verified', decidedBy: { actor: 'system' }, details: {}, origin } as const;
  await t.throwsAsync(accounts.setKycStatus(db, change), { code: 'NOT_FOUND' });
});

test.serial(
  'password: changed with the current one, other sessions end, this one and the new password go on',
  async (t) => {
    const { caller, email, tokens, userId } = await signedIn();
    const other = await kit.signIn(email);
    const newPassword = 'another sentence, longer';
    await protection.changePassword(caller, { currentPassword: goodPassword, newPassword }, origin);
    await t.throwsAsync(identity.authenticate(other.accessToken, origin), { code: 'UNAUTHENTICATED' });
    await t.notThrowsAsync(identity.authenticate(tokens.accessToken, origin));
    await t.throwsAsync(kit.signIn(email), { code: 'INVALID_CREDENTIALS' });
    await t.notThrowsAsync(identity.login({ email, password: newPassword }, origin));
    t.deepEqual((await lastEvent(userId, 'user.password.changed'))?.event['payload'], { email });
  },
);

test.serial('password: the current one is wrong, refused, counted, and nothing changes', async (t) => {
  const { caller, email } = await signedIn();
  const guess = () =>
    protection.changePassword(caller, { currentPassword: 'a wrong password', newPassword: 'another sentence' }, origin);
  for (let failure = 1; failure <= 11; failure += 1) await t.throwsAsync(guess(), { code: 'INVALID_CREDENTIALS' });
  await t.throwsAsync(guess(), { code: 'TOO_MANY_ATTEMPTS' });
  await t.notThrowsAsync(kit.signIn(email));
});

test.serial('password: a weak new one, INVALID_REQUEST before anything is tried', async (t) => {
  const { caller, email } = await signedIn();
  for (const newPassword of ['short', '123456789012', email]) {
    const change = protection.changePassword(caller, { currentPassword: goodPassword, newPassword }, origin);
    await t.throwsAsync(change, { code: 'INVALID_REQUEST' });
  }
});

test.serial('password: changed twice at once, one change wins', async (t) => {
  const { caller } = await signedIn();
  const change = (newPassword: string) =>
    protection.changePassword(caller, { currentPassword: goodPassword, newPassword }, origin);
  const settled = await Promise.allSettled([change('the first new password'), change('the second new password')]);
  t.deepEqual(settled.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test.serial('freeze: the link of a theft’s mail, ends all sessions and nobody signs in', async (t) => {
  const { email, tokens } = await signedIn();
  const other = await kit.signIn(email);
  t.is(await protection.mailForTheft(tokens.sessionId), undefined);
  const child = await identity.sessions.refresh(tokens.refreshToken, origin);
  await identity.authenticate(child.accessToken, origin);
  await t.throwsAsync(identity.sessions.refresh(tokens.refreshToken, origin));
  await t.notThrowsAsync(identity.authenticate(other.accessToken, origin));

  const mail = await protection.mailForTheft(tokens.sessionId);
  t.is(mail?.to, email);
  await t.throwsAsync(protection.freeze('unknown', origin), { code: 'INVALID_TOKEN' });
  await t.throwsAsync(identity.registration.verifyEmail(tokenIn(mail), origin), { code: 'INVALID_TOKEN' });
  await protection.freeze(tokenIn(mail), origin);
  await protection.freeze(tokenIn(mail), origin);
  await t.throwsAsync(identity.authenticate(other.accessToken, origin), { code: 'UNAUTHENTICATED' });
  await t.throwsAsync(kit.signIn(email), { code: 'ACCOUNT_FROZEN' });
});

test.serial('ready user: made for development, is verified, signed in and as a customer who registered', async (t) => {
  const { user, tokens } = await identity.readyUsers.create({ kycVerified: true }, origin);
  const caller = await identity.authenticate(tokens.accessToken, origin);
  t.like(caller, { userId: user.userId, kycStatus: 'verified', role: 'user' });
  t.true(kit.verified.includes(user.userId));

  const email = newEmail();
  const named = await identity.readyUsers.create({ email, password: goodPassword, kycVerified: false }, origin);
  t.like(named.user, { email, kycStatus: 'pending' });
  await t.notThrowsAsync(kit.signIn(email));
  await t.throwsAsync(identity.readyUsers.create({ email, kycVerified: false }, origin), { code: 'INVALID_REQUEST' });
  await t.throwsAsync(identity.readyUsers.create({ email: 'x', kycVerified: false }, origin), {
    code: 'INVALID_REQUEST',
  });
});
