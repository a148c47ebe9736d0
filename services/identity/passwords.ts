import { dictionary } from '@zxcvbn-ts/language-common';
import { argon2id, hash, needsRehash, verify } from 'argon2';
import { DomainError } from '../../domain/errors.ts';
import { normalisePassword } from '../../domain/identity/password.ts';

/** Common passwords, lower case; bundled, so that no password leaves the process to be checked. */
export const commonPasswords: ReadonlySet<string> = new Set(dictionary['passwords-common']);

export interface PasswordOptions {
  /** Argon2id costs; after a change each password is rehashed at its next sign-in. */
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** How many hashes run at once: each takes `memoryKib`. */
  readonly concurrency: number;
  /** How many may wait for their turn before callers get UNAVAILABLE. */
  readonly queueLimit: number;
}

export interface Passwords {
  /** The PHC string of a new password, with a fresh 16-byte salt. Throws UNAVAILABLE when too many wait. */
  hash(password: string): Promise<string>;
  /** True when the password matches. Without a hash it takes the same time and is false. Throws like `hash`. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
  isOutdated(passwordHash: string): boolean;
}

/** Hashes passwords with Argon2id in a bounded pool, so that sign-ins can never exhaust memory. */
export async function createPasswords(options: PasswordOptions): Promise<Passwords> {
  const { memoryKib, iterations, parallelism, concurrency, queueLimit } = options;
  const costs = { type: argon2id, memoryCost: memoryKib, timeCost: iterations, parallelism } as const;
  const inPool = createPool(concurrency, queueLimit);
  const dummy = await hash('what an unknown address is compared with', costs);

  return {
    hash: (password) => inPool(() => hash(normalisePassword(password), costs)),
    async verify(passwordHash, password) {
      const matches = await inPool(() => verify(passwordHash ?? dummy, normalisePassword(password)));
      return matches && passwordHash !== undefined;
    },
    isOutdated: (passwordHash) => needsRehash(passwordHash, costs),
  };
}

type Pool = <T>(work: () => Promise<T>) => Promise<T>;

function createPool(concurrency: number, queueLimit: number): Pool {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < concurrency) running += 1;
    else if (waiting.length < queueLimit) await new Promise<void>((turn) => waiting.push(turn));
    else throw new DomainError('UNAVAILABLE', 'Too many sign-ins at once. Try again shortly.', { retryAfter: 1 });
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place passes on directly, so that nobody who comes now can take it first.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
