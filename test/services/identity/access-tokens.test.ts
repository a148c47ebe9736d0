import { createPrivateKey, createPublicKey } from 'node:crypto';
import test from 'ava';
import { decodeProtectedHeader, SignJWT, createLocalJWKSet, jwtVerify } from 'jose';
import { DomainError } from '../../../domain/errors.ts';
import { createIds } from '../../../platform/ids.ts';
import { type AccessTokenOptions, createAccessTokens } from '../../../services/identity/access-tokens.ts';
import { newSigningKey } from '../../integration/identity/kit.ts';

const now = new Date('2026-11-21T12:00:00Z');
const key = newSigningKey();
const options: AccessTokenOptions = {
  keys: { algorithm: 'EdDSA', privateKeys: [key] },
  issuer: 'https://exchange.test',
  audience: 'exchange',
  lifetimeSeconds: 900,
  clock: () => now,
  newId: createIds(() => now),
};
const secret = 'a shared secret of 32 characters';
const hs256: AccessTokenOptions = { ...options, keys: { algorithm: 'HS256', secret } };
const claims = { userId: 'u1', sessionId: 's1', role: 'user', serial: 3 } as const;
const later = (seconds: number): AccessTokenOptions => ({
  ...options,
  clock: () => new Date(now.getTime() + seconds * 1000),
});

for (const [name, chosen] of [
  ['EdDSA', options],
  ['HS256', hs256],
] as const) {
  test(`access token: signed with ${name}, says what was signed`, async (t) => {
    const tokens = await createAccessTokens(chosen);
    const verified = await tokens.verify(await tokens.sign(claims));
    t.deepEqual(verified, { ...claims, expiresAt: new Date(now.getTime() + 900_000) });
  });
}

test('access token: the published keys, verify it elsewhere; HS256 publishes none', async (t) => {
  const tokens = await createAccessTokens(options);
  const token = await tokens.sign(claims);
  const { payload } = await jwtVerify(token, createLocalJWKSet(tokens.jwks()), { currentDate: now });
  t.is(payload.sub, 'u1');
  t.deepEqual((await createAccessTokens(hs256)).jwks(), { keys: [] });
  t.false(JSON.stringify(tokens.jwks()).includes('"d"'));
});

test('access token: a new key in front of the old one, both verify and the new one signs', async (t) => {
  const old = await (await createAccessTokens(options)).sign(claims);
  const rotated = await createAccessTokens({
    ...options,
    keys: { algorithm: 'EdDSA', privateKeys: [newSigningKey(), key] },
  });
  await t.notThrowsAsync(rotated.verify(old));
  const fresh = await rotated.sign(claims);
  t.not(decodeProtectedHeader(fresh).kid, decodeProtectedHeader(old).kid);
  await t.notThrowsAsync(rotated.verify(fresh));
});

interface Forgery {
  readonly alg?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly sign?: Parameters<SignJWT['sign']>[0];
}

/** A token that is right in all but what is given. */
async function forge({
  alg = 'EdDSA',
  header = {},
  payload = {},
  sign = createPrivateKey(key),
}: Forgery): Promise<string> {
  const { kid = '' } = decodeProtectedHeader(await (await createAccessTokens(options)).sign(claims));
  const seconds = now.getTime() / 1000;
  const right = {
    iss: options.issuer,
    aud: options.audience,
    sub: 'u1',
    sid: 's1',
    role: 'user',
    rts: 3,
    jti: 'j1',
    iat: seconds,
    nbf: seconds,
    exp: seconds + 900,
  };
  return new SignJWT({ ...right, ...payload }).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(sign);
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Raw bytes of our public key, the classic secret of an algorithm confusion. */
const publicBytes = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });

const refused = test.macro({
  title: (_, what: string) => `access token: ${what}, UNAUTHENTICATED`,
  exec: async (t, _what: string, make: () => Promise<string>) => {
    const tokens = await createAccessTokens(options);
    const error = await t.throwsAsync(tokens.verify(await make()), { instanceOf: DomainError });
    t.is(error.code, 'UNAUTHENTICATED');
  },
});

test('access token: the forger’s tool with nothing changed, passes', async (t) => {
  await t.notThrowsAsync((await createAccessTokens(options)).verify(await forge({})));
});
test(refused, 'no token', async () => '');
test(refused, 'not a token', async () => 'a.b.c');
test(refused, 'algorithm none', async () => {
  const [, payload] = (await forge({})).split('.');
  return `${base64url({ alg: 'none', typ: 'at+jwt' })}.${payload}.`;
});
test(refused, 'HS256 with our public key as its secret', () => forge({ alg: 'HS256', sign: publicBytes }));
test(refused, 'another Ed25519 key under our kid', () => forge({ sign: createPrivateKey(newSigningKey()) }));
test(refused, 'an unknown kid', () => forge({ header: { kid: '../../dev/null' } }));
test(refused, 'no kid', () => forge({ header: { kid: undefined } }));
test(refused, 'another type', () => forge({ header: { typ: 'JWT' } }));
test(refused, 'a key of its own in the header', () =>
  forge({ header: { jwk: { kty: 'OKP' }, kid: undefined }, sign: createPrivateKey(newSigningKey()) }),
);
test(refused, 'another issuer', () => forge({ payload: { iss: 'https://elsewhere.test' } }));
test(refused, 'another audience', () => forge({ payload: { aud: 'other' } }));
test(refused, 'not yet valid', () => forge({ payload: { nbf: now.getTime() / 1000 + 60 } }));
for (const claim of ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub', 'sid', 'role', 'rts']) {
  test(refused, `no ${claim}`, () => forge({ payload: { [claim]: undefined } }));
}
test(refused, 'an unknown role', () => forge({ payload: { role: 'root' } }));
test(refused, 'a serial that is no number', () => forge({ payload: { rts: '3' } }));
test(refused, 'a changed payload', async () => {
  const [header, , signature] = (await forge({})).split('.');
  return `${header}.${base64url({ sub: 'somebody else' })}.${signature}`;
});

test('access token: past its life and the tolerance for clocks, UNAUTHENTICATED', async (t) => {
  const token = await (await createAccessTokens(options)).sign(claims);
  await t.notThrowsAsync((await createAccessTokens(later(899))).verify(token));
  await t.throwsAsync((await createAccessTokens(later(906))).verify(token), { instanceOf: DomainError });
});

test('access tokens: a short secret, no key or a key of another kind, stop the start', async (t) => {
  const short = createAccessTokens({ ...options, keys: { algorithm: 'HS256', secret: 'short' } });
  await t.throwsAsync(short, { message: /32 characters/ });
});
