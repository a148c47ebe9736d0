import type { Origin } from '../../domain/origin.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Database, Db } from '../../storage/db.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Passwords } from './passwords.ts';
import type { Recorder } from './records.ts';
import type { SecretBox } from './secret-box.ts';
import type { SessionCache } from './session-cache.ts';

/** What happens in other modules, in the same transaction, when an address is verified. */
export type OnVerified = (tx: Db, verified: { readonly userId: string } & Happened) => Promise<void>;

interface Happened {
  readonly origin: Origin;
  readonly at: Date;
}

export interface IdentityDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  readonly secretBox: SecretBox;
  readonly sessions: SessionCache;
  /** Derives refresh tokens from their parents: at least 32 secret bytes. */
  readonly refreshKey: Buffer;
  readonly refreshLifetimeMs: number;
  /** Where links in mails lead, without a slash at its end. */
  readonly publicUrl: string;
  /** Tells the relay that the outbox has something; called after commits, never awaited. */
  readonly kickOutbox: () => void;
  /** What else comes to be with an account: its wallet, its KYC case. */
  readonly onVerified: readonly OnVerified[];
}

/** What the services of this module share. */
export interface IdentityParts extends IdentityDeps {
  readonly record: Recorder;
}
