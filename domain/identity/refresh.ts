/** A repeat of a refresh within this time gets the same child: two tabs, or a lost answer asked for again at once. */
export const sameChildMs = 10_000;

/** Where a session's chain of refresh tokens stands. Serials number its tokens in the order they were issued. */
export interface TokenChain {
  /** The newest confirmed token. */
  readonly head: number;
  /** The token issued from the head that nobody has used yet. */
  readonly child?: { readonly serial: number; readonly generation: number; readonly issuedAt: Date } | undefined;
}

export type RefreshVerdict =
  /** A spent or void token came back: two parties hold tokens of this session. */
  | { readonly kind: 'theft' }
  /** The child issued before is handed out again. */
  | { readonly kind: 'repeat'; readonly serial: number; readonly generation: number }
  /** A child is issued under a new serial; `confirms`: the presented token was the unconfirmed child. */
  | { readonly kind: 'issue'; readonly serial: number; readonly generation: number; readonly confirms: boolean };

/**
 * What a refresh with the token `serial` at `at` means. A token is confirmed by the first use of it or its access
 * token.
 */
export function judgeRefresh(chain: TokenChain, serial: number, at: Date): RefreshVerdict {
  const { head, child } = chain;
  if (serial === child?.serial) return { kind: 'issue', serial: serial + 1, generation: 1, confirms: true };
  if (serial !== head) return { kind: 'theft' };
  if (child === undefined) return { kind: 'issue', serial: head + 1, generation: 1, confirms: false };
  if (at.getTime() - child.issuedAt.getTime() < sameChildMs) {
    return { kind: 'repeat', serial: child.serial, generation: child.generation };
  }
  return { kind: 'issue', serial: child.serial + 1, generation: child.generation + 1, confirms: false };
}
