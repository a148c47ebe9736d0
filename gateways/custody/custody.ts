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

export interface CustodyGateway {
  /** Names the clearing account and the row of nonces. */
  readonly rail: string;
  /** Signs; sends nothing. */
  sign(transfer: UnsignedTransfer): Promise<SignedTransfer>;
  /** Sends signed bytes. That the chain knows them already is success. Rejects when it may not have taken them. */
  broadcast(signed: SignedTransfer): Promise<void>;
  /** How often the chain has confirmed a transaction; undefined when it does not know it. */
  confirmations(hash: string): Promise<number | undefined>;
}
