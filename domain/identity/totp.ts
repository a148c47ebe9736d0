import { DomainError } from '../errors.ts';

/** RFC 6238: a new code every 30 seconds. */
export const totpPeriodMs = 30_000;

/** A code counts when accepted within one step of now, to allow for clocks and slow fingers. */
export const totpWindow = 1;

/** Beyond this age an acceptance is not proven any more: a delayed proof must not stand for a fresh code. */
export const oldestProofMs = 60_000;

/** How long a shown factor stands for those actions that need one. */
const stepUpMs = 5 * 60_000;

/** Whether a session showed its second factor lately enough to move money or change credentials. */
export const hasFreshFactor = ({ lastFactorAt }: { readonly lastFactorAt: Date | undefined }, now: Date): boolean =>
  lastFactorAt !== undefined && now.getTime() - lastFactorAt.getTime() <= stepUpMs;

/** Throws SECOND_FACTOR_REQUIRED where `hasFreshFactor` says no: for people who show it by signing in. */
export function requireFreshFactor(session: Parameters<typeof hasFreshFactor>[0], now: Date): void {
  if (hasFreshFactor(session, now)) return;
  throw new DomainError('SECOND_FACTOR_REQUIRED', 'Show your second factor again: sign in with a fresh code.');
}

/** The number of the 30-second step an instant lies in. */
export const totpStepOf = (at: Date): number => Math.floor(at.getTime() / totpPeriodMs);
