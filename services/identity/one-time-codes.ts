import { Secret, TOTP } from 'otpauth';
import { totpPeriodMs, totpStepOf, totpWindow } from '../../domain/identity/totp.ts';

const asSecret = (bytes: Buffer): Secret => new Secret({ buffer: Uint8Array.from(bytes).buffer });

/** RFC 6238 as every authenticator app knows it: SHA-1, six digits, 30 seconds. */
const totpOf = (secret: Buffer, label = ''): TOTP => {
  const period = totpPeriodMs / 1000;
  return new TOTP({
    issuer: 'Pandora Exchange',
    label,
    secret: asSecret(secret),
    algorithm: 'SHA1',
    digits: 6,
    period,
  });
};

/** 160 random bits, as RFC 4226 asks for. */
export const newTotpSecret = (): Buffer => Buffer.from(new Secret({ size: 20 }).bytes);

export const decodeTotpSecret = (base32: string): Buffer => Buffer.from(Secret.fromBase32(base32).bytes);

export const encodeTotpSecret = (secret: Buffer): string => asSecret(secret).base32;

/** What an authenticator app reads from a QR code. Holds the secret. */
export const totpUri = (secret: Buffer, label: string): string => totpOf(secret, label).toString();

export const totpCode = (secret: Buffer, at: Date): string => totpOf(secret).generate({ timestamp: at.getTime() });

/** The time step a code stands for, within one step of `at`; undefined when it is wrong. Compares in constant time. */
export function totpStep(secret: Buffer, code: string, at: Date): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: at.getTime(), window: totpWindow });
  return delta === null ? undefined : totpStepOf(at) + delta;
}
