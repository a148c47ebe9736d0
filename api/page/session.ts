import { call } from './rest.ts';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly totp?: string;
}

/** Who is signed in. Tokens live in memory alone: closing or reloading the page signs out. */
export interface Session {
  token(): string | undefined;
  /** Throws Refusal; SECOND_FACTOR_REQUIRED asks for `totp`. */
  signIn(credentials: Credentials): Promise<void>;
  /** Ends the session here, and on the server where that can be reached. */
  signOut(): void;
}

/** Makes a session without a user. `onToken` is told each new token, and undefined when there is none any more. */
export function createSession(onToken: (token: string | undefined) => void): Session {
  let tokens: Tokens | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function take(next: Tokens | undefined): void {
    clearTimeout(timer);
    tokens = next;
    if (next !== undefined) timer = setTimeout(() => void refresh(next), next.expires_in * 800);
    onToken(next?.access_token);
  }

  async function refresh({ refresh_token }: Tokens): Promise<void> {
    const next = await call<Tokens>('POST', '/auth/refresh', { body: { refresh_token } }).catch(() => undefined);
    if (tokens?.refresh_token === refresh_token) take(next);
  }

  return {
    token: () => tokens?.access_token,
    async signIn(credentials) {
      take(await call<Tokens>('POST', '/auth/login', { body: credentials }));
    },
    signOut() {
      const token = tokens?.access_token;
      take(undefined);
      if (token !== undefined) call('POST', '/users/me/logout', { token }).catch(() => undefined);
    },
  };
}
