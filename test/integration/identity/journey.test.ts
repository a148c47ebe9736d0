import test from 'ava';
import type { Database } from '../../../storage/db.ts';
import { createKit, goodPassword, newEmail, origin, tokenIn } from './kit.ts';

test('identity: a whole journey, register, verify, sign in, refresh, read the profile and sign out', async (t) => {
  const { db, identity, verified, close } = await createKit();
  t.teardown(close);
  const email = newEmail();

  const registered = await identity.registration.register({ email, password: goodPassword, firstName: 'Ada' }, origin);
  t.is(registered.email, email);
  t.is(registered.verifiedAt, undefined);

  const mail = await identity.registrationSteps.mailForRegistration(registered.userId);
  t.is(mail?.to, email);
  const account = await identity.registration.verifyEmail(tokenIn(mail), origin);
  t.truthy(account.verifiedAt);
  t.deepEqual(verified, [account.userId]);

  const tokens = await identity.login({ email, password: goodPassword }, origin);
  const caller = await identity.authenticate(tokens.accessToken, origin);
  t.like(caller, { userId: account.userId, sessionId: tokens.sessionId, role: 'user', kycStatus: 'pending' });
  t.like(await identity.profile.me(caller), { email, firstName: 'Ada' });

  const refreshed = await identity.sessions.refresh(tokens.refreshToken, origin);
  t.is(refreshed.sessionId, tokens.sessionId);
  t.deepEqual(await identity.authenticate(refreshed.accessToken, origin), caller);

  await identity.sessions.logout(caller, origin);
  await t.throwsAsync(identity.authenticate(refreshed.accessToken, origin), { message: /session has ended/ });
  await t.throwsAsync(identity.sessions.refresh(refreshed.refreshToken, origin), { message: /Sign in again/ });

  const secrets = [
    goodPassword,
    tokenIn(mail),
    ...[tokens, refreshed].flatMap((one) => [one.accessToken, one.refreshToken]),
  ];
  t.deepEqual(await tablesHolding(db, secrets), []);
  t.true((await tablesHolding(db, [email])).includes('identity.users'));
});

/** The tables that hold one of the texts anywhere, in the clear. */
async function tablesHolding(db: Database, texts: readonly string[]): Promise<readonly string[]> {
  const tables = await db.manyOrNone<{ name: string }>(
    `SELECT format('%s.%s', table_schema, table_name) AS name
       FROM information_schema.tables WHERE table_type = 'BASE TABLE'`,
  );
  const holding: string[] = [];
  for (const { name } of tables) {
    const query =
      'SELECT 1 FROM $1:raw AS line WHERE EXISTS (SELECT FROM unnest($2::text[]) t WHERE strpos(line::text, t) > 0)';
    if ((await db.manyOrNone(query, [name, texts])).length > 0) holding.push(name);
  }
  return holding;
}
