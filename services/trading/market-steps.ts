import { DomainError, type ErrorCode } from '../../domain/errors.ts';
import type { MarketTerms } from '../../domain/trading/market.ts';
import { type Steps, timesIn } from '../../domain/trading/steps.ts';
import type { ListedMarket } from '../../storage/trading/markets.ts';

const fields = { tickSize: '/tick_size', lotSize: '/lot_size' } as const;

const notHalted =
  'Orders count in this step: it changes only while the market is HALTED, stays so, and its matcher knows.';
const undivided = 'A new step divides the old one: what orders are must be whole in it.';
export const tooFine = 'An order that is open would be worth 2^53 ticks × lots or more. Cancel it first.';

/**
 * Whether a change brings new steps. Throws MARKET_STEP_FIXED unless the market is HALTED before and after it, also for
 * its matcher, and INVALID_REQUEST for a step that does not divide the old one.
 */
export function judgeSteps({ terms: before, version, versionInForce }: ListedMarket, after: MarketTerms): boolean {
  const changed = (['tickSize', 'lotSize'] as const).filter((name) => timesIn(before[name], after[name]) !== 1);
  if (changed.length === 0) return false;
  const isHalted = before.status === 'HALTED' && after.status === 'HALTED' && versionInForce === version;
  if (!isHalted) throw refuseSteps(notHalted, changed, 'MARKET_STEP_FIXED');
  const wrong = changed.filter((name) => timesIn(before[name], after[name]) === undefined);
  if (wrong.length > 0) throw refuseSteps(undivided, wrong);
  return true;
}

/** A refusal of new steps that names them. */
export function refuseSteps(
  detail: string,
  names: readonly (keyof typeof fields)[] = ['tickSize', 'lotSize'],
  code: ErrorCode = 'INVALID_REQUEST',
): DomainError {
  return new DomainError(code, detail, { errors: names.map((name) => ({ pointer: fields[name], code, detail })) });
}

/** What the command of a change says of steps: nothing of those that the market was opened with. */
export function stepsAfter(
  { version, stepsVersion }: ListedMarket,
  { tickSize, lotSize }: MarketTerms,
  isRescaled: boolean,
): { readonly steps?: Steps } {
  const since = isRescaled ? version + 1 : stepsVersion;
  return since === 1 ? {} : { steps: { version: since, tickSize, lotSize } };
}
