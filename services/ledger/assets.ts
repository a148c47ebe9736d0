import { DomainError } from '../../domain/errors.ts';
import { type Atoms, formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { Database } from '../../storage/db.ts';
import { type Asset, listAssets } from '../../storage/ledger/assets.ts';

/** The books hold less than ten to the power of this. */
const wholeDigits = 20;

/** The assets' scales. They never change, so they are read again only for an asset not seen before. */
export interface AssetBook {
  /** Throws INVALID_REQUEST for an unknown asset. */
  scaleOf(asset: string): Promise<number>;
  /**
   * An amount above zero in atoms. Throws INVALID_REQUEST when it is none, finer than the asset's atom, or more than
   * any account can hold.
   */
  toAtoms(asset: string, amount: string): Promise<Atoms>;
  /** The shortest spelling of an amount above zero; throws like `toAtoms`. */
  normalise(asset: string, amount: string): Promise<string>;
}

export function createAssetBook({ db }: { readonly db: Database }): AssetBook {
  let known: ReadonlyMap<string, Asset> = new Map();

  async function scaleOf(asset: string): Promise<number> {
    if (!known.has(asset)) known = new Map((await listAssets(db)).map((each) => [each.asset, each]));
    const found = known.get(asset);
    if (found === undefined) throw new DomainError('INVALID_REQUEST', 'This asset is not known here.', { asset });
    return found.scale;
  }

  async function toAtoms(asset: string, amount: string): Promise<Atoms> {
    const scale = await scaleOf(asset);
    const atoms = parseDecimal(amount, scale);
    if (atoms <= 0n) throw new DomainError('INVALID_REQUEST', 'Send an amount above zero.');
    if (atoms >= 10n ** BigInt(wholeDigits + scale)) {
      throw new DomainError('INVALID_REQUEST', `Send an amount of at most ${wholeDigits} digits before the point.`);
    }
    return atoms;
  }

  return {
    scaleOf,
    toAtoms,
    normalise: async (asset, amount) => formatDecimal(await toAtoms(asset, amount), await scaleOf(asset)),
  };
}
