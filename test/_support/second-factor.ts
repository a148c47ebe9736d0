import { decodeTotpSecret, totpCode } from '../../services/identity/one-time-codes.ts';
import { request } from './http.ts';

/** Gives a customer an authenticator and shows its code: for five minutes their session may withdraw. */
export async function showSecondFactor(api: string, token: string): Promise<void> {
  const { body } = await request('POST', `${api}/users/me/totp`, { token, body: {} });
  const totp = totpCode(decodeTotpSecret(String(body['secret'])), new Date());
  await request('POST', `${api}/users/me/totp/confirm`, { token, body: { totp } });
}
