import { DomainError, type FieldFault } from '../../domain/errors.ts';
import type { Origin } from '../../domain/origin.ts';
import { findTermFaults, shortestTerms } from '../../domain/trading/market-rules.ts';
import { type AssetScales, limitsOf, type Market, type MarketTerms, readMarket } from '../../domain/trading/market.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { addAssets, type Asset } from '../../storage/ledger/assets.ts';
import { addMarkets, changeMarket, fitsOrders, type ListedMarket, listMarkets } from '../../storage/trading/markets.ts';
import { judgeSteps, refuseSteps, stepsAfter, tooFine } from './market-steps.ts';
import { createRecorder } from '../identity/records.ts';
import type { AssetBook } from '../ledger/assets.ts';
import type { AwaitOutcome } from './outcomes.ts';
import type { SendCommands } from './sender.ts';

/** Which administrator, from where. */
export interface Administrator {
  readonly userId: string;
  readonly origin: Origin;
}

/** What of a market can be changed while it is open. Absent: stays. */
export type TermsChange = Partial<Omit<MarketTerms, 'symbol' | 'base' | 'quote'>>;

export interface ChangedMarket {
  readonly market: ListedMarket;
  /** The matcher has taken it in; else it will. */
  readonly isInForce: boolean;
}

/** Assets and markets as administrators open and change them; each leaves a line in the audit log. */
export interface MarketDesk {
  list(): Promise<readonly ListedMarket[]>;
  /** Throws ASSET_EXISTS. */
  addAsset(asset: Asset, by: Administrator): Promise<void>;
  /**
   * Opens a market: a matcher serves it within seconds. Throws MARKET_EXISTS, and INVALID_REQUEST with every fault.
   */
  open(terms: MarketTerms, by: Administrator): Promise<ListedMarket>;
  /**
   * Changes a market that stands at `version`, and waits up to a second for its matcher to take that in. Committed once
   * it resolves: orders that come to the matcher behind it are judged by it. Tick and lot become finer while the market
   * is HALTED. Throws MARKET_NOT_FOUND, MARKET_CHANGED, MARKET_DELISTED, MARKET_STEP_FIXED, MARKET_RESCALING (new steps
   * are not in force yet), and INVALID_REQUEST with every fault.
   */
  change(symbol: string, version: number, change: TermsChange, by: Administrator): Promise<ChangedMarket>;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly assets: AssetBook;
  readonly send: SendCommands;
  readonly awaitOutcome: AwaitOutcome<string>;
}

const patienceMs = 1_000;

export function createMarketDesk({ db, clock, newId, assets, send, awaitOutcome }: Deps): MarketDesk {
  const record = createRecorder({ newId });
  const judge = createJudge(assets);
  const list = () => listMarkets(db).catch(unavailableWhenAway);

  async function find(symbol: string): Promise<ListedMarket> {
    const found = (await list()).find(({ terms }) => terms.symbol === symbol);
    if (found !== undefined) return found;
    throw new DomainError('MARKET_NOT_FOUND', 'There is no such market. GET /admin/markets lists them.', { symbol });
  }

  return {
    list,
    addAsset: (asset, { userId, origin }) =>
      db
        .tx('add-asset', async (tx) => {
          if ((await addAssets(tx, [asset])).length === 0) {
            throw new DomainError('ASSET_EXISTS', 'There is an asset of this name already.', { asset: asset.asset });
          }
          const what = { action: 'asset.add', resource: 'asset', resourceId: asset.asset, details: { after: asset } };
          await record(tx, { ...what, userId, origin, at: clock() });
        })
        .catch(unavailableWhenAway),

    async open(asked, { userId, origin }) {
      const { terms } = await judge(asked);
      const { symbol } = terms;
      await db
        .tx('open-market', async (tx) => {
          const at = clock();
          if ((await addMarkets(tx, [terms], at)).length === 0) {
            throw new DomainError('MARKET_EXISTS', 'There is such a market already. PATCH changes it.', { symbol });
          }
          const what = { action: 'market.open', resource: 'market', resourceId: symbol, details: { after: terms } };
          await record(tx, { ...what, userId, origin, at });
        })
        .catch(unavailableWhenAway);
      return find(symbol);
    },

    async change(symbol, version, change, { userId, origin }) {
      const found = await find(symbol);
      const { terms: before, version: present } = found;
      if (present !== version) throw changedMeanwhile(symbol, present);
      refuseUnchangeable(found);
      const asked = { ...before, ...change };
      const isRescaled = judgeSteps(found, asked);
      const market = await judge(asked);
      const { terms } = market;
      // Nothing comes into the book of a halted market: what fits now fits then.
      if (isRescaled && !(await fitsOrders(db, terms).catch(unavailableWhenAway))) throw refuseSteps(tooFine);
      const steps = stepsAfter(found, terms, isRescaled);
      const commandId = newId();
      await db
        .tx('change-market', async (tx) => {
          const at = clock();
          if (!(await changeMarket(tx, { commandId, version, terms }, at))) throw changedMeanwhile(symbol);
          const details = { version: version + 1, command_id: commandId, ...difference(before, terms) };
          const what = { action: 'market.change', resource: 'market', resourceId: symbol, details };
          await record(tx, { ...what, userId, origin, at });
        })
        .catch(unavailableWhenAway);
      const sent = await send([
        { symbol, command: { kind: 'MARKET', commandId, version: version + 1, limits: limitsOf(market), ...steps } },
      ]);
      const outcome = sent ? await awaitOutcome(commandId, patienceMs) : undefined;
      return { market: await find(symbol), isInForce: outcome === 'DONE' };
    },
  };
}

/** Throws INVALID_REQUEST with every fault; the terms it answers have their shortest spellings. */
function createJudge(assets: AssetBook): (asked: MarketTerms) => Promise<Market> {
  async function scalesOf(terms: MarketTerms): Promise<AssetScales> {
    const faults: FieldFault[] = [];
    const scaleOf = async (side: 'base' | 'quote'): Promise<number> => {
      try {
        return await assets.scaleOf(terms[side]);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        faults.push({ pointer: `/${side}`, code: error.code, detail: error.message });
        return 0;
      }
    };
    const scales = { base: await scaleOf('base'), quote: await scaleOf('quote') };
    refuseFaults(faults);
    return scales;
  }

  return async (asked) => {
    const scales = await scalesOf(asked);
    refuseFaults(findTermFaults(asked, scales));
    return readMarket(shortestTerms(asked), scales);
  };
}

function refuseFaults(errors: readonly FieldFault[]): void {
  const [first] = errors;
  if (first !== undefined) throw new DomainError('INVALID_REQUEST', first.detail, { errors });
}

/** What was delisted has let its orders go, and new steps are in force before anything else changes. */
function refuseUnchangeable({ terms: { symbol, status }, versionInForce, stepsVersion }: ListedMarket): void {
  if (status === 'DELISTED') {
    throw new DomainError('MARKET_DELISTED', 'A delisted market does not come back.', { symbol });
  }
  if (versionInForce >= stepsVersion) return;
  throw new DomainError(
    'MARKET_RESCALING',
    'Its matcher has not taken in the new tick and lot yet. Try again shortly.',
    {
      symbol,
    },
  );
}

/** What a change changed, for the audit log. */
function difference(before: MarketTerms, after: MarketTerms): { readonly before: object; readonly after: object } {
  const names = (Object.keys(after) as (keyof MarketTerms)[]).filter((name) => before[name] !== after[name]);
  const of = (terms: MarketTerms): object => Object.fromEntries(names.map((name) => [name, terms[name]]));
  return { before: of(before), after: of(after) };
}

const changedMeanwhile = (symbol: string, version?: number): DomainError =>
  new DomainError('MARKET_CHANGED', 'The market changed since you read it. Read it again, and decide anew.', {
    symbol,
    ...(version === undefined ? {} : { version }),
  });
