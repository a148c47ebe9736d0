import { DomainError } from '../../domain/errors.ts';
import { deviceFingerprint, knownDeviceDays } from '../../domain/identity/device.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import { needsSecondFactor } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Db } from '../../storage/db.ts';
import { findSignIn, forgetFailures, rememberDevice, type SignIn } from '../../storage/identity/sign-in.ts';
import { replacePasswordHash } from '../../storage/identity/users.ts';
import { type CountedTry, countTry, takeBack } from './attempts.ts';
import { openSession, type SessionTokens } from './open-session.ts';
import { sha256 } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';
import { requestMail } from './registration.ts';
import { totpStep } from './one-time-codes.ts';
import { spendCode } from './second-factor.ts';

export interface Login {
  readonly email: string;
  readonly password: string;
  readonly totp?: string | undefined;
}

export interface LoginService {
  /**
   * Signs a device in. An unknown address, a wrong password, a wrong code and an address not verified yet all get
   * INVALID_CREDENTIALS, after the same work. Throws SECOND_FACTOR_REQUIRED when only the code is missing, CODE_USED,
   * ACCOUNT_FROZEN, and TOO_MANY_ATTEMPTS to unknown devices after 10 failures in a row.
   */
  login(login: Login, origin: Origin): Promise<SessionTokens>;
}

type Verdict =
  | { readonly kind: 'wrong' }
  | { readonly kind: keyof typeof refusals }
  /** `step`: the time step of the code; undefined for an account that signs in without one. */
  | { readonly kind: 'proven'; readonly account: SignIn; readonly step: number | undefined };

/** What is said to somebody who knows the password but may not come in: this is no failed guess. */
const refusals = {
  frozen: ['ACCOUNT_FROZEN', 'This account was frozen by its owner. Contact support to open it again.'],
  not_enrolled: ['SECOND_FACTOR_REQUIRED', 'Staff sign in with a second factor. Have one set up first.'],
  code_missing: ['SECOND_FACTOR_REQUIRED', 'Send the current code of your authenticator as "totp".'],
} as const;

const dayMs = 86_400_000;

export function createLogin(parts: IdentityParts): LoginService {
  const { db, clock, record, kickOutbox } = parts;

  return {
    async login(login, origin) {
      const at = clock();
      const address = normaliseEmail(login.email);
      const deviceHash = sha256(deviceFingerprint(origin.userAgent ?? '', origin.ipAddress ?? ''));
      const knownSince = new Date(at.getTime() - knownDeviceDays * dayMs);
      const found = await findSignIn(db, { emailNormalised: address ?? '', deviceHash, knownSince });
      const tried = await countTry(db, clock, address ?? login.email, found?.knownDevice);
      const verdict = await judge(parts, login, found, address ?? '').catch(async (error: unknown) => {
        // A fault or a full pool says nothing about the password.
        await takeBack(db, clock, tried);
        throw error;
      });
      if (verdict.kind === 'wrong') {
        const resourceId = found?.userId ?? 'unknown';
        const userId = found?.verified === true ? found.userId : undefined;
        const refused = { action: 'session.login', resource: 'user', resourceId, result: 'refused' } as const;
        await record(db, { ...refused, userId, origin, at });
        throw new DomainError('INVALID_CREDENTIALS', 'The e-mail address, password or code is wrong.');
      }
      if (verdict.kind !== 'proven') {
        await takeBack(db, clock, tried);
        const [code, message] = refusals[verdict.kind];
        throw new DomainError(code, message);
      }
      const tokens = await db.tx('login', (tx) => admit(parts, tx, { ...verdict, tried, deviceHash, origin }));
      kickOutbox();
      return tokens;
    },
  };
}

/** What password and code prove. One Argon2 verify whatever is found, so that time tells nothing. */
async function judge(
  parts: IdentityParts,
  { password, totp }: Login,
  found: SignIn | undefined,
  emailNormalised: string,
): Promise<Verdict> {
  const matches = await parts.passwords.verify(found?.passwordHash, password);
  if (!matches || found === undefined) return { kind: 'wrong' };
  if (!found.verified) {
    await requestMail(parts, emailNormalised);
    return { kind: 'wrong' };
  }
  if (found.frozen) return { kind: 'frozen' };
  if (found.totpSecret === undefined) {
    return needsSecondFactor(found.role) ? { kind: 'not_enrolled' } : proven(parts, found, password, undefined);
  }
  if (totp === undefined) return { kind: 'code_missing' };
  const step = totpStep(parts.secretBox.open(found.totpSecret, found.userId), totp, parts.clock());
  return step === undefined ? { kind: 'wrong' } : proven(parts, found, password, step);
}

/** Only now is the password known to be right, so this is when it can be hashed anew at today's costs. */
async function proven(
  { db, clock, passwords }: IdentityParts,
  account: SignIn,
  password: string,
  step: number | undefined,
): Promise<Verdict> {
  const { userId, passwordHash: oldHash } = account;
  if (passwords.isOutdated(oldHash)) {
    const newHash = await passwords.hash(password);
    await replacePasswordHash(db, { userId, oldHash, newHash, at: clock() });
  }
  return { kind: 'proven', account, step };
}

interface Admission {
  readonly account: SignIn;
  readonly step: number | undefined;
  readonly tried: CountedTry;
  readonly deviceHash: Buffer;
  readonly origin: Origin;
}

async function admit(parts: IdentityParts, tx: Db, admission: Admission): Promise<SessionTokens> {
  const { account, step, tried, deviceHash, origin } = admission;
  const { userId } = account;
  const at = parts.clock();
  if (step !== undefined) await spendCode(tx, { userId, step, binding: `login ${parts.newId()}`, at });
  const onNewDevice = await rememberDevice(tx, userId, deviceHash, at);
  await forgetFailures(tx, tried.key);
  return openSession(parts, tx, { ...account, withFactor: step !== undefined, onNewDevice }, origin, at);
}
