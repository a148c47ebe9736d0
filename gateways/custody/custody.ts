import type { StatementLine } from '../../domain/payments/statement.ts';

/** What is to be sent. The amount is a decimal string; the nonce numbers what the hot wallet sends. */
export interface UnsignedTransfer {
  readonly nonce: string;
  readonly asset: string;
  readonly amount: string;
  readonly to: string;
}

export interface SignedTransfer {
  /** What the chain takes, in hexadecimal. */
  readonly bytes: string;
  readonly hash: string;
}

/** A page of a statement, in the order in which the custodian came to know of it. */
export interface StatementPage {
  readonly lines: readonly StatementLine[];
  /** Where the next page begins; undefined: there is none. */
  readonly next: string | undefined;
}

/** The custodian's word on what crossed to and from the outside. Reading it needs no key. */
export interface StatementGateway {
  /** Names the clearing account and the row of nonces. */
  readonly rail: string;
  /**
   * What left since the rail exists, all of it, and what the custodian knows to have come: the first page, or the one
   * that begins at `next` of the page before. Rejects when he is away.
   */
  statement(next?: string): Promise<StatementPage>;
}

export interface CustodyGateway extends StatementGateway {
  /** Signs; sends nothing. */
  sign(transfer: UnsignedTransfer): Promise<SignedTransfer>;
  /** Sends signed bytes. That the chain knows them already is success. Rejects when it may not have taken them. */
  broadcast(signed: SignedTransfer): Promise<void>;
  /** How often the chain has confirmed a transaction; undefined when it does not know it. */
  confirmations(hash: string): Promise<number | undefined>;
}
