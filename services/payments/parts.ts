import type { WithdrawalRules } from '../../domain/payments/withdrawal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Database } from '../../storage/db.ts';
import type { DeskTimes } from '../compliance/desk-facts.ts';
import type { IdentityService } from '../identity/identity.ts';
import type { AssetBook } from '../ledger/assets.ts';
import type { Funds } from '../ledger/funds.ts';

export interface WithdrawalDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly identity: Pick<IdentityService, 'accounts' | 'proveOfficer' | 'secondFactor'>;
  readonly assets: AssetBook;
  readonly funds: Pick<Funds, 'reserveFunds' | 'releaseFunds' | 'settleWithdrawal'>;
  /** The price of one unit of an asset in quote, as a decimal string; undefined when it has none. */
  readonly priceOf: (asset: string) => Promise<string | undefined>;
  /** The rail that new withdrawals take. */
  readonly rail: string;
  /** Derives the tokens of confirmation mails: at least 32 secret bytes. */
  readonly confirmKey: Buffer;
  readonly kickOutbox: () => void;
  readonly rules: WithdrawalRules & WithdrawalTimes;
  readonly publicUrl: string;
  /** Where officers are reminded, and where the Temporal UI is, for links in those mails. */
  readonly deskMail: string;
  readonly uiUrl: string;
}

export interface WithdrawalTimes extends DeskTimes {
  readonly confirmWithinMs: number;
  /** Confirmations after which a transaction counts. */
  readonly confirmations: number;
}

/** Entries about one withdrawal are told in order. */
export const withdrawalAggregate = (withdrawalId: string): string => `withdrawal:${withdrawalId}`;
