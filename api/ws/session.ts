import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';

export interface ConnectionSession {
  /** Who has signed in, if anybody has. */
  caller(): Caller | undefined;
  /** Signs in by a token, or renews it. Rejects as `authenticate` does, and with FORBIDDEN for another user's token. */
  prove(token: string): Promise<void>;
  /** Proves the last token once more, if there is one. */
  recheck(): Promise<void>;
}

/** Who is at the other end of a connection: one user from the first proof to the end. */
export function createSession(authenticate: (token: string) => Promise<Caller>): ConnectionSession {
  let signedIn: { readonly caller: Caller; readonly token: string } | undefined;

  async function prove(token: string): Promise<void> {
    const caller = await authenticate(token);
    if (signedIn !== undefined && signedIn.caller.userId !== caller.userId) {
      throw new DomainError('FORBIDDEN', 'This connection is another user’s. Open one of your own.');
    }
    signedIn = { caller, token };
  }

  return {
    caller: () => signedIn?.caller,
    prove,
    async recheck() {
      if (signedIn !== undefined) await prove(signedIn.token);
    },
  };
}
