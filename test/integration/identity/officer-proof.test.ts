import test from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import { createKit, newEmail, origin } from './kit.ts';
import type { Proof } from '../../../services/identity/officer-proof.ts';

const kit = await createKit();
const { db, identity } = kit;
test.after.always(() => kit.close());

const password = 'an officer’s long password';
const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

async function officer(role: 'compliance' | 'admin' = 'compliance'): Promise<{ email: string; userId: string }> {
  const email = newEmail();
  await identity.staff.seed([{ email, password, role, totpSecret }]);
  const { userId } = await identity.accounts.getByEmail(email);
  return { email, userId };
}

async function proofOf(email: string, other: Partial<Proof> = {}): Promise<Proof> {
  const code = await identity.staff.currentCode(email);
  return { officer: email, code, acceptedAt: kit.now(), binding: 'kyc:1 update:1 approve r1', ...other };
}

const prove = (proof: Proof) => identity.proveOfficer(proof, origin, async (_tx, proven) => proven);
const notProven = { code: 'OFFICER_NOT_PROVEN' } as const;

test.serial('proveOfficer: address or id and the current code, proven', async (t) => {
  const { email, userId } = await officer();
  t.deepEqual(await prove(await proofOf(email)), { officerId: userId, fresh: true });
  kit.advance(30_000);
  const byId = await proofOf(email, { officer: userId.toUpperCase(), binding: 'other' });
  t.deepEqual(await prove(byId), { officerId: userId, fresh: true });
});

test.serial('proveOfficer: the same decision again, proven as before and said so', async (t) => {
  const { email, userId } = await officer();
  const proof = await proofOf(email);
  await prove(proof);
  kit.advance(5_000);
  t.deepEqual(await prove(proof), { officerId: userId, fresh: false });
});

test.serial('proveOfficer: the same decision twenty times at once, fresh exactly once', async (t) => {
  const { email } = await officer();
  const proof = await proofOf(email);
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => prove(proof)));
  const proven = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.fresh] : []));
  t.is(proven.filter((fresh) => fresh).length, 1);
});

test.serial('proveOfficer: the code on another decision, CODE_USED; two at once, one wins', async (t) => {
  const { email } = await officer();
  const proof = await proofOf(email);
  const [one, two] = await Promise.allSettled([prove(proof), prove({ ...proof, binding: 'another' })]);
  t.deepEqual([one.status, two.status].sort(), ['fulfilled', 'rejected']);
  await t.throwsAsync(prove({ ...proof, binding: 'a third' }), { code: 'CODE_USED' });
});

test.serial('proveOfficer: what the decision writes and the code, are kept or dropped together', async (t) => {
  const { email, userId } = await officer();
  const proof = await proofOf(email);
  const closed = new DomainError('DECISION_CLOSED', 'Already decided.');
  const failing = identity.proveOfficer(proof, origin, async (tx) => {
    await tx.none("UPDATE identity.users SET first_name = 'written' WHERE user_id = $1", [userId]);
    throw closed;
  });
  await t.throwsAsync(failing, { is: closed });
  t.is((await identity.accounts.get(userId)).firstName, undefined);
  t.like(await prove({ ...proof, binding: 'the right decision' }), { fresh: true });
});

test.serial('proveOfficer: right codes for decisions that are not possible, are no failed guesses', async (t) => {
  const { email } = await officer();
  const proof = await proofOf(email);
  const closed = () => Promise.reject(new DomainError('DECISION_CLOSED', 'Already decided.'));
  for (let n = 0; n < 12; n += 1) {
    await t.throwsAsync(identity.proveOfficer(proof, origin, closed), { code: 'DECISION_CLOSED' });
  }
  t.like(await prove(proof), { fresh: true });
});

test.serial('proveOfficer: codes one step off, count; two steps off do not', async (t) => {
  for (const [seconds, counts] of [
    [-60, false],
    [-30, true],
    [30, true],
    [60, false],
  ] as const) {
    const { email } = await officer();
    const { code } = await proofOf(email);
    const proof = { officer: email, code, acceptedAt: new Date(kit.now().getTime() + seconds * 1000), binding: 'b' };
    if (counts) await t.notThrowsAsync(prove(proof), `${seconds}`);
    else await t.throwsAsync(prove(proof), notProven, `${seconds}`);
  }
});

test.serial(
  'proveOfficer: accepted more than 60 s ago or ahead, not proven though the code was right then',
  async (t) => {
    const { email } = await officer();
    const proof = await proofOf(email);
    kit.advance(60_001);
    await t.throwsAsync(prove(proof), notProven);
    const ahead = { ...(await proofOf(email)), acceptedAt: new Date(kit.now().getTime() + 60_001) };
    await t.throwsAsync(prove(ahead), notProven);
  },
);

test.serial('proveOfficer: unknown, hostile, customer, admin or frozen, not proven', async (t) => {
  const { email, userId } = await officer();
  const proof = await proofOf(email);
  for (const name of [newEmail(), 'nobody', "' OR 1=1 --", 'a\u0000b', '']) {
    await t.throwsAsync(prove({ ...proof, officer: name }), notProven, JSON.stringify(name));
  }
  const admin = await officer('admin');
  await t.throwsAsync(prove(await proofOf(admin.email)), notProven);
  await db.none('UPDATE identity.users SET frozen_at = now() WHERE user_id = $1', [userId]);
  await t.throwsAsync(prove(proof), notProven);
});

test.serial('proveOfficer: wrong codes, are audited, and after ten even the right one waits', async (t) => {
  const { email, userId } = await officer();
  const proof = await proofOf(email);
  for (let failure = 1; failure <= 11; failure += 1)
    await t.throwsAsync(prove({ ...proof, code: '000000' }), notProven);
  await t.throwsAsync(prove(proof), { code: 'TOO_MANY_ATTEMPTS' });
  const audited = await db.manyOrNone(
    "SELECT 1 FROM audit.audit_logs WHERE user_id = $1 AND actor = 'officer' AND result = 'refused'",
    [userId],
  );
  t.is(audited.length, 11);
  kit.advance(1_000);
  await t.notThrowsAsync(prove(proof));
});

test.serial(
  'staff: seeded by two processes at once and again, one account each that keeps its own password',
  async (t) => {
    const email = newEmail();
    const member = { email, password, role: 'compliance', totpSecret } as const;
    await Promise.all([identity.staff.seed([member]), identity.staff.seed([member])]);
    await identity.staff.seed([{ ...member, password: 'another long password' }]);
    const rows = await db.manyOrNone('SELECT 1 FROM identity.users WHERE email = $1', [email]);
    t.is(rows.length, 1);
    const login = { email, password, totp: await identity.staff.currentCode(email) };
    t.like(await identity.authenticate((await identity.login(login, origin)).accessToken, origin), {
      role: 'compliance',
    });
  },
);

test.serial('staff: a weak password, no address or an officer without authenticator, stop the seeding', async (t) => {
  const member = { email: newEmail(), password, role: 'compliance', totpSecret } as const;
  await t.throwsAsync(identity.staff.seed([{ ...member, password: '123456789012' }]), { message: /good password/ });
  await t.throwsAsync(identity.staff.seed([{ ...member, email: 'officer' }]), { message: /e-mail address/ });
  const { totpSecret: _, ...bare } = member;
  await t.throwsAsync(identity.staff.seed([bare]), { message: /second factor/ });
  await t.notThrowsAsync(identity.staff.seed([{ ...bare, role: 'service' }]));
});

test.serial('staff: the current code of a customer, is not shown', async (t) => {
  const { email } = await kit.account();
  await t.throwsAsync(identity.staff.currentCode(email), { message: /only staff/ });
});
