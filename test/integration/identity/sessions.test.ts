import test from 'ava';
import type { Caller } from '../../../domain/identity/user.ts';
import { createKit, origin } from './kit.ts';

const kit = await createKit();
const { db, identity } = kit;
const { sessions } = identity;
test.after.always(() => kit.close());

const refused = { code: 'UNAUTHENTICATED' } as const;
const refresh = (token: string) => sessions.refresh(token, origin);
const use = (accessToken: string) => identity.authenticate(accessToken, origin);
const signedIn = async () => kit.signIn((await kit.account()).email);
const whyRevoked = async (sessionId: string) =>
  (
    await db.one<{ why: string | null }>('SELECT revoked_why AS why FROM identity.sessions WHERE session_id = $1', [
      sessionId,
    ])
  ).why;

test.serial('refresh: a token, gives a child and an access token of the same session', async (t) => {
  const first = await signedIn();
  kit.advance(1_000);
  const second = await refresh(first.refreshToken);
  t.is(second.sessionId, first.sessionId);
  t.not(second.refreshToken, first.refreshToken);
  t.not(second.accessToken, first.accessToken);
  t.like(await use(second.accessToken), { sessionId: first.sessionId });
  t.like(await use(first.accessToken), { sessionId: first.sessionId });
});

test.serial('refresh: tokens, are stored as SHA-256 only', async (t) => {
  const tokens = await signedIn();
  const { refreshToken } = await refresh(tokens.refreshToken);
  const rows = await db.manyOrNone<{ token_hash: Buffer }>('SELECT token_hash FROM identity.refresh_tokens');
  t.true(rows.length >= 2);
  for (const { token_hash: hash } of rows) {
    t.is(hash.length, 32);
    t.not(hash.toString('base64url'), refreshToken);
  }
});

test.serial('refresh: repeated within 10 s, by one and by ten at once, the same child with fresh access', async (t) => {
  const { refreshToken } = await signedIn();
  const first = await refresh(refreshToken);
  kit.advance(9_999);
  const repeats = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));
  t.deepEqual(new Set(repeats.map((tokens) => tokens.refreshToken)), new Set([first.refreshToken]));
  t.false(repeats.some(({ accessToken }) => accessToken === first.accessToken));
  await t.notThrowsAsync(refresh(first.refreshToken));
});

test.serial('refresh: ten at once of a fresh token, one child', async (t) => {
  const { refreshToken } = await signedIn();
  const children = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));
  t.is(new Set(children.map((tokens) => tokens.refreshToken)).size, 1);
});

test.serial(
  'refresh: repeated after 10 s with the child unused, the next generation, and the older child is theft',
  async (t) => {
    const { refreshToken, sessionId } = await signedIn();
    const lost = await refresh(refreshToken);
    kit.advance(10_000);
    const next = await refresh(refreshToken);
    t.not(next.refreshToken, lost.refreshToken);
    await t.throwsAsync(refresh(lost.refreshToken), refused);
    await t.throwsAsync(refresh(next.refreshToken), refused);
    t.is(await whyRevoked(sessionId), 'theft');
  },
);

test.serial('refresh: the answer lost three times, the family lives on', async (t) => {
  const { refreshToken } = await signedIn();
  for (let lost = 0; lost < 3; lost += 1) {
    await refresh(refreshToken);
    kit.advance(60_000);
  }
  const found = await refresh(refreshToken);
  await t.notThrowsAsync(use(found.accessToken));
  await t.notThrowsAsync(refresh(found.refreshToken));
});

test.serial('refresh: the access token of a void child, proves theft', async (t) => {
  const { refreshToken, sessionId } = await signedIn();
  const lost = await refresh(refreshToken);
  kit.advance(10_000);
  const next = await refresh(refreshToken);
  await t.throwsAsync(use(lost.accessToken), refused);
  await t.throwsAsync(use(next.accessToken), refused);
  t.is(await whyRevoked(sessionId), 'theft');
});

test.serial(
  'refresh: a parent whose child’s refresh token was used, is theft: all out, warned, audited, told',
  async (t) => {
    const { refreshToken, sessionId } = await signedIn();
    const child = await refresh(refreshToken);
    const grandchild = await refresh(child.refreshToken);
    await t.throwsAsync(refresh(refreshToken), refused);
    await t.throwsAsync(refresh(grandchild.refreshToken), refused);
    await t.throwsAsync(use(grandchild.accessToken), refused);
    t.deepEqual(
      (await kit.thefts()).filter((id) => id === sessionId),
      [sessionId],
    );
    const audit = await db.manyOrNone<{ actor: string; details: object }>(
      "SELECT actor, details FROM audit.audit_logs WHERE resource_id = $1 AND action = 'session.revoke'",
      [sessionId],
    );
    t.deepEqual(audit, [{ actor: 'system', details: { why: 'theft' } }]);
    const told = await db.manyOrNone(
      `SELECT 1 FROM outbox.entries WHERE payload -> 'event' ->> 'type' = 'user.session.revoked'
        AND payload -> 'event' -> 'payload' ->> 'session_id' = $1`,
      [sessionId],
    );
    t.is(told.length, 1);
  },
);

test.serial('refresh: a parent whose child’s access token was used, is theft, even within 10 s', async (t) => {
  const { refreshToken, sessionId } = await signedIn();
  const child = await refresh(refreshToken);
  await use(child.accessToken);
  await t.throwsAsync(refresh(refreshToken), refused);
  t.is(await whyRevoked(sessionId), 'theft');
  await t.throwsAsync(refresh(child.refreshToken), refused);
});

test.serial('refresh: confirmed in one process, is confirmed in all, and ancestors’ access tokens go on', async (t) => {
  const first = await signedIn();
  const child = await refresh(first.refreshToken);
  await use(child.accessToken);
  const other = kit.otherProcess();
  await t.notThrowsAsync(other.authenticate(child.accessToken, origin));
  const grandchild = await refresh(child.refreshToken);
  await use(grandchild.accessToken);
  const third = kit.otherProcess();
  for (const tokens of [first, child, grandchild])
    await t.notThrowsAsync(third.authenticate(tokens.accessToken, origin));
});

test.serial(
  'refresh: a use and a repeat of the parent at once, one of them decides and nothing is left between',
  async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const { refreshToken, sessionId } = await signedIn();
      const child = await refresh(refreshToken);
      const [used, repeated] = await Promise.allSettled([
        kit.otherProcess().authenticate(child.accessToken, origin),
        refresh(refreshToken),
      ]);
      const theft = (await whyRevoked(sessionId)) === 'theft';
      t.is(repeated.status, theft ? 'rejected' : 'fulfilled');
      if (!theft) t.is(used.status, 'fulfilled');
    }
  },
);

test.serial(
  'refresh: unknown, expired, of a session that ended, of a user frozen or deleted, UNAUTHENTICATED and no theft',
  async (t) => {
    await t.throwsAsync(refresh('unknown'), refused);
    const expired = await signedIn();
    const warnedBefore = (await kit.thefts()).length;
    kit.advance(7 * 86_400_000);
    await t.throwsAsync(refresh(expired.refreshToken), refused);
    for (const column of ['frozen_at', 'deleted_at']) {
      const { userId, email } = await kit.account();
      const tokens = await kit.signIn(email);
      await db.none('UPDATE identity.users SET $1:name = now() WHERE user_id = $2', [column, userId]);
      await t.throwsAsync(refresh(tokens.refreshToken), refused);
    }
    t.is((await kit.thefts()).length, warnedBefore);
  },
);

test.serial('refresh: every refresh, moves the session’s end seven days on', async (t) => {
  let { refreshToken } = await signedIn();
  for (let day = 0; day < 4; day += 1) {
    kit.advance(6 * 86_400_000);
    ({ refreshToken } = await refresh(refreshToken));
  }
  kit.advance(7 * 86_400_000);
  await t.throwsAsync(refresh(refreshToken), refused);
});

async function caller(email: string): Promise<Caller> {
  return use((await kit.signIn(email)).accessToken);
}

test.serial('sessions: two devices, are listed newest first with what they are', async (t) => {
  const { email } = await kit.account();
  const first = await caller(email);
  kit.advance(1_000);
  const { sessionId } = await identity.login(
    { email, password: 'a sentence nobody guesses' },
    { ...origin, userAgent: 'phone' },
  );
  const list = await sessions.list(first);
  t.deepEqual(
    list.map((session) => [session.sessionId, session.userAgent, session.ipAddress]),
    [
      [sessionId, 'phone', origin.ipAddress],
      [first.sessionId, origin.userAgent, origin.ipAddress],
    ],
  );
});

test.serial('sessions: one revoked, ends at once and is listed no more; again or another’s, NOT_FOUND', async (t) => {
  const { email } = await kit.account();
  const here = await caller(email);
  const there = await kit.signIn(email);
  const anothers = await signedIn();
  await sessions.revoke(here, there.sessionId, origin);
  await t.throwsAsync(use(there.accessToken), refused);
  await t.throwsAsync(refresh(there.refreshToken), refused);
  t.deepEqual(
    (await sessions.list(here)).map(({ sessionId }) => sessionId),
    [here.sessionId],
  );
  await t.throwsAsync(sessions.revoke(here, there.sessionId, origin), { code: 'NOT_FOUND' });
  await t.throwsAsync(sessions.revoke(here, anothers.sessionId, origin), { code: 'NOT_FOUND' });
  await t.notThrowsAsync(use(anothers.accessToken));
});

test.serial('sessions: logout all, ends every session of the user and nobody else’s', async (t) => {
  const { email } = await kit.account();
  const devices = [await kit.signIn(email), await kit.signIn(email), await kit.signIn(email)];
  const anothers = await signedIn();
  await sessions.logoutAll(await use(devices[0]!.accessToken), origin);
  for (const { accessToken } of devices) await t.throwsAsync(use(accessToken), refused);
  await t.notThrowsAsync(use(anothers.accessToken));
});
