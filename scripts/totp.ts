/** Prints what the authenticators of the development staff show now: node scripts/totp.ts [e-mail…]. */
import { setTimeout as sleep } from 'node:timers/promises';
import { totpPeriodMs } from '../domain/identity/totp.ts';
import { decodeTotpSecret, totpCode } from '../services/identity/one-time-codes.ts';
import { devStaff } from './staff.ts';

/** A code with less time left than this would be typed too late. */
const tooLateMs = 3_000;

const wanted = process.argv.slice(2);
const left = (): number => totpPeriodMs - (Date.now() % totpPeriodMs);
if (left() < tooLateMs) await sleep(left());
for (const { email, role, totpSecret } of devStaff) {
  if (wanted.length > 0 && !wanted.includes(email)) continue;
  console.log(
    `${totpCode(decodeTotpSecret(totpSecret), new Date())}  ${email} (${role}), for ${Math.floor(left() / 1000)} s`,
  );
}
