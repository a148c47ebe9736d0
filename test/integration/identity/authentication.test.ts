import test from 'ava';
import { createIdentityService } from '../../../services/identity/identity.ts';
import { createSessionCache } from '../../../services/identity/session-cache.ts';
import { openDatabase } from '../../../storage/db.ts';
import { createKit, origin } from './kit.ts';

const kit = await createKit();
const { db, identity } = kit;
const { sessions } = identity;
test.after.always(() => kit.close());

const refused = { code: 'UNAUTHENTICATED' } as const;
const use = (accessToken: string) => identity.authenticate(accessToken, origin);
const signedIn = async () => kit.signIn((await kit.account()).email);

test.serial('authenticate: a session revoked elsewhere, ends here within 3 s and not on a guess before', async (t) => {
  const { accessToken, sessionId } = await signedIn();
  const other = kit.otherProcess();
  const caller = await other.authenticate(accessToken, origin);
  await sessions.logout(caller, origin);
  await t.throwsAsync(use(accessToken), refused);
  t.like(await other.authenticate(accessToken, origin), { sessionId });
  kit.advance(3_001);
  await t.throwsAsync(other.authenticate(accessToken, origin), refused);
});

test.serial('authenticate: role and KYC status, come from the books and not from the token', async (t) => {
  const { email, userId } = await kit.account();
  const { accessToken } = await kit.signIn(email);
  t.like(await use(accessToken), { role: 'user', kycStatus: 'pending' });
  await db.none("UPDATE identity.users SET role = 'admin', kyc_status = 'verified' WHERE user_id = $1", [userId]);
  kit.advance(3_001);
  t.like(await use(accessToken), { role: 'admin', kycStatus: 'verified' });
});

test.serial('authenticate: past 15 minutes, UNAUTHENTICATED though it was known', async (t) => {
  const { accessToken } = await signedIn();
  await use(accessToken);
  kit.advance(906_000);
  await t.throwsAsync(use(accessToken), refused);
});

test.serial('authenticate: a token that names another’s session or none, UNAUTHENTICATED', async (t) => {
  const { sessionId } = await signedIn();
  const { userId } = await kit.account();
  const claims = { userId, role: 'admin', serial: 1 } as const;
  await t.throwsAsync(use(await kit.accessTokens.sign({ ...claims, sessionId })), refused);
  await t.throwsAsync(use(await kit.accessTokens.sign({ ...claims, sessionId: userId })), refused);
});

test.serial('authenticate: PostgreSQL away, UNAVAILABLE and never live', async (t) => {
  const { accessToken } = await signedIn();
  const away = { code: 'ECONNREFUSED' };
  const failing = { get: () => Promise.reject(Object.assign(new Error('away'), away)), evict: () => undefined };
  const closed = openDatabase({
    connectionString: 'postgres://nobody@127.0.0.1:1/none',
    poolSize: 1,
    applicationName: 'test',
    statementTimeoutMs: 1_000,
  });
  const cache = createSessionCache({ db: closed.db, monotonicMs: () => kit.now().getTime() });
  const alone = createIdentityService({ ...kit.deps, sessions: cache });
  await t.throwsAsync(alone.authenticate(accessToken, origin), { code: 'UNAVAILABLE' });
  const faulty = createIdentityService({ ...kit.deps, sessions: failing });
  await t.throwsAsync(faulty.authenticate(accessToken, origin));
  await closed.close();
});

test.serial('authenticate: a session past its own end, UNAUTHENTICATED though its access token is not', async (t) => {
  const { accessToken, sessionId } = await signedIn();
  await db.none('UPDATE identity.sessions SET expires_at = $1 WHERE session_id = $2', [kit.now(), sessionId]);
  await t.throwsAsync(use(accessToken), refused);
});

test.serial('authenticate: the first use of a child after the session ended, UNAUTHENTICATED at once', async (t) => {
  const tokens = await signedIn();
  const child = await sessions.refresh(tokens.refreshToken, origin);
  const other = kit.otherProcess();
  const caller = await other.authenticate(tokens.accessToken, origin);
  await sessions.logout(caller, origin);
  await t.throwsAsync(other.authenticate(child.accessToken, origin), refused);
  t.false((await kit.thefts()).includes(tokens.sessionId));
});
