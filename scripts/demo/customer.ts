import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeTotpSecret, totpCode } from '../../services/identity/one-time-codes.ts';
import { waitFor } from './story.ts';

export interface Addresses {
  readonly rest: string;
  readonly internal: string;
}

interface Mail {
  readonly subject: string;
  readonly text: string;
}

export interface Balance {
  readonly asset: string;
  readonly available: string;
  readonly reserved: string;
}

type Json = Readonly<Record<string, unknown>>;

/** One HTTP call with a JSON answer, made again as often as limits ask to wait. Throws a problem's code and detail. */
export async function call<T extends object = Json>(
  method: string,
  url: string,
  { token, body }: { readonly token?: string | undefined; readonly body?: object } = {},
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      'idempotency-key': randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = JSON.parse(text === '' ? '{}' : text) as T & { code?: string; detail?: string };
  if (response.ok) return answer;
  if (response.status === 429) {
    await sleep(Number(response.headers.get('retry-after') ?? '1') * 1000);
    return call<T>(method, url, { token, ...(body === undefined ? {} : { body }) });
  }
  throw new Error(`${method} ${url}: ${response.status} ${answer.code ?? ''} ${answer.detail ?? ''}`);
}

/** A customer of the story, acting over REST as any customer would. */
export class Customer {
  readonly name: string;
  readonly email: string;
  readonly #password = `${randomUUID()} ${randomUUID()}`;
  readonly #at: Addresses;
  #token: string | undefined;
  userId = '';

  constructor(name: string, at: Addresses) {
    this.name = name;
    this.email = `${name.toLowerCase()}.${randomUUID().slice(0, 8)}@example.com`;
    this.#at = at;
  }

  async register(): Promise<void> {
    const body = { email: this.email, password: this.#password, first_name: this.name };
    const { user_id } = await call<{ user_id: string }>('POST', `${this.#at.rest}/auth/register`, { body });
    this.userId = user_id;
  }

  /** Waits for the mail whose link has `path`, and answers the token in it. */
  async mailedToken(path: string): Promise<string> {
    const link = new RegExp(`${path}[^\\s]*#(?:[^\\s]*&)?token=([\\w-]+)`);
    return waitFor(`a mail to ${this.email} with a link to ${path}`, async () => {
      const url = `${this.#at.internal}/dev/mails?to=${encodeURIComponent(this.email)}`;
      const { items } = await call<{ items: readonly Mail[] }>('GET', url);
      return items.map(({ text }) => link.exec(text)?.[1]).findLast((token) => token !== undefined);
    });
  }

  async verify(): Promise<void> {
    await call('POST', `${this.#at.rest}/auth/verify-email`, {
      body: { token: await this.mailedToken('verify-email') },
    });
  }

  async logIn(): Promise<void> {
    const body = { email: this.email, password: this.#password };
    const { access_token } = await call<{ access_token: string }>('POST', `${this.#at.rest}/auth/login`, { body });
    this.#token = access_token;
  }

  /** Sets up an authenticator app and shows its first code, which also steps this session up. */
  async enrolSecondFactor(): Promise<void> {
    const { secret } = await this.post<{ secret: string }>('/users/me/totp', {});
    await this.post('/users/me/totp/confirm', { totp: totpCode(decodeTotpSecret(secret), new Date()) });
  }

  get<T extends object = Json>(path: string): Promise<T> {
    return call<T>('GET', `${this.#at.rest}${path}`, { token: this.#token });
  }

  post<T extends object = Json>(path: string, body: object): Promise<T> {
    return call<T>('POST', `${this.#at.rest}${path}`, { token: this.#token, body });
  }

  async balances(): Promise<readonly Balance[]> {
    return (await this.get<{ items: readonly Balance[] }>('/wallets')).items;
  }
}
