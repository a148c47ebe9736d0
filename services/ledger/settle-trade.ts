import { drawInOrder } from '../../domain/ledger/draws.ts';
import { type Balance, type CommittedTrade, legId, legs } from '../../domain/ledger/ledger.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Atoms, formatDecimal, parseDecimal } from '../../domain/money.ts';
import { translateDbError } from '../../storage/db-errors.ts';
import type { Db } from '../../storage/db.ts';
import { isPosted, postTrades } from '../../storage/ledger/posting.ts';
import {
  drawReservations,
  lockExternal,
  type Reservation,
  type ReservationDraw,
} from '../../storage/ledger/reservations.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import type { AssetBook } from './assets.ts';
import { balanceOf, type ExternalDeps, reservationOf } from './external.ts';
import { bookId } from './ids.ts';
import { balancesChanged } from './notices.ts';
import { once } from './once.ts';

/** A trade that another service made. Fees may be zero; the buyer's is in base, the seller's in quote. */
export interface ExternalTrade {
  readonly tradeId: string;
  readonly buyerUserId: string;
  readonly sellerUserId: string;
  readonly buyerOrderId?: string | undefined;
  readonly sellerOrderId?: string | undefined;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly quantity: string;
  readonly price: string;
  readonly buyerFee: string;
  readonly sellerFee: string;
  readonly buyerFeeAsset: string;
  readonly sellerFeeAsset: string;
}

export interface SettledTrade {
  /** The transfer of the base to the buyer, and of the quote to the seller. */
  readonly buyerEntryId: string;
  readonly sellerEntryId: string;
  /** Base, then quote. */
  readonly buyerBalances: readonly Balance[];
  readonly sellerBalances: readonly Balance[];
}

export interface SettleTradeDeps extends ExternalDeps {
  /** A trade of our own matcher by id. */
  readonly findTrade: (db: Db, tradeId: string) => Promise<CommittedTrade | undefined>;
}

export type SettleTrade = (trade: ExternalTrade) => Promise<SettledTrade>;

/** The amounts of a trade, in atoms of their assets. */
interface Amounts {
  readonly base: Atoms;
  readonly quote: Atoms;
  readonly buyerFee: Atoms;
  readonly sellerFee: Atoms;
}

/**
 * Posts a trade once for its id: all legs or none. It draws on the reservations of the order ids given, else on the
 * users' external reservations, oldest first: TRANSFER_REFUSED when they hold too little. A trade of our own matcher
 * must say what its row says (TRADE_MISMATCH) and is posted by its market's settlement alone.
 */
export function createSettleTrade(deps: SettleTradeDeps): SettleTrade {
  const { db, clock, assets, findTrade } = deps;
  return async (trade) => {
    const amounts = await readAmounts(assets, trade);
    const { tradeId: key, buyerUserId, sellerUserId, buyerOrderId, sellerOrderId, baseAsset, quoteAsset } = trade;
    const figures = [amounts.base, amounts.quote, amounts.buyerFee, amounts.sellerFee].map(String);
    const content = [buyerUserId, sellerUserId, baseAsset, quoteAsset, buyerOrderId, sellerOrderId, ...figures];
    const at = clock();
    return once<SettledTrade>(db, { operation: 'settle_trade', key, content }, at, async (tx) => {
      const own = await findTrade(tx, key);
      if (own === undefined) return post(deps, tx, trade, amounts, at);
      await checkOwn(tx, assets, own, trade, amounts);
      return answer(tx, own.tradeId, trade);
    });
  };
}

async function readAmounts(assets: AssetBook, trade: ExternalTrade): Promise<Amounts> {
  const { baseAsset, quoteAsset } = trade;
  if (trade.buyerFeeAsset !== baseAsset || trade.sellerFeeAsset !== quoteAsset || baseAsset === quoteAsset) {
    throw new DomainError('INVALID_REQUEST', 'The buyer pays its fee in base, the seller in quote.');
  }
  if (trade.buyerUserId === trade.sellerUserId) {
    throw new DomainError('INVALID_REQUEST', 'A trade has two different users.');
  }
  const baseScale = await assets.scaleOf(baseAsset);
  const quoteScale = await assets.scaleOf(quoteAsset);
  const base = await assets.toAtoms(baseAsset, trade.quantity);
  const quote = notional(base, baseScale, trade.price, quoteScale);
  const buyerFee = parseDecimal(trade.buyerFee, baseScale);
  const sellerFee = parseDecimal(trade.sellerFee, quoteScale);
  if (buyerFee <= base && sellerFee <= quote) return { base, quote, buyerFee, sellerFee };
  throw new DomainError('INVALID_REQUEST', 'A fee is never more than what is received.');
}

/** A trade of ours is answered from the books, once its market's settlement has put it there. */
async function checkOwn(tx: Db, assets: AssetBook, own: CommittedTrade, trade: ExternalTrade, said: Amounts) {
  const baseScale = await assets.scaleOf(trade.baseAsset);
  const quoteScale = await assets.scaleOf(trade.quoteAsset);
  const same =
    own.symbol === `${trade.baseAsset}/${trade.quoteAsset}` &&
    own.buyerUserId === trade.buyerUserId &&
    own.sellerUserId === trade.sellerUserId &&
    (trade.buyerOrderId ?? own.buyerOrderId) === own.buyerOrderId &&
    (trade.sellerOrderId ?? own.sellerOrderId) === own.sellerOrderId &&
    parseDecimal(own.baseAmount, baseScale) === said.base &&
    parseDecimal(own.quoteAmount, quoteScale) === said.quote &&
    parseDecimal(own.buyerFee, baseScale) === said.buyerFee &&
    parseDecimal(own.sellerFee, quoteScale) === said.sellerFee;
  if (!same) throw new DomainError('TRADE_MISMATCH', 'The books hold other figures for this trade.');
  if (await isPosted(tx, own.tradeId)) return;
  throw new DomainError('UNAVAILABLE', 'This trade is still being settled by its market.', { retryAfter: 1 });
}

async function post(deps: SettleTradeDeps, tx: Db, trade: ExternalTrade, amounts: Amounts, at: Date) {
  const { assets, newId } = deps;
  const { buyerUserId, sellerUserId, baseAsset, quoteAsset } = trade;
  const baseScale = await assets.scaleOf(baseAsset);
  const quoteScale = await assets.scaleOf(quoteAsset);
  const tradeId = bookId(trade.tradeId, at, newId);
  await drawReservations(tx, await drawsOf(tx, assets, trade, amounts));
  const posting = {
    tradeId,
    buyerUserId,
    sellerUserId,
    baseAmount: formatDecimal(amounts.base, baseScale),
    quoteAmount: formatDecimal(amounts.quote, quoteScale),
    buyerFee: formatDecimal(amounts.buyerFee, baseScale),
    sellerFee: formatDecimal(amounts.sellerFee, quoteScale),
    buyerRelease: '0',
  };
  await postTrades(tx, `${baseAsset}/${quoteAsset}`, [posting], at).catch(translateDbError);
  const userIds = [buyerUserId, sellerUserId];
  await addToOutbox(tx, [balancesChanged(newId, { aggregate: `trade:${tradeId}`, userIds, at })], at);
  return answer(tx, tradeId, trade);
}

/** What the two sides draw on. Locks every external reservation of theirs, by id, before it reads them. */
async function drawsOf(tx: Db, assets: AssetBook, trade: ExternalTrade, { base, quote }: Amounts) {
  const { buyerUserId, sellerUserId, baseAsset, quoteAsset } = trade;
  const parties = { buyerId: buyerUserId, sellerId: sellerUserId, base: baseAsset, quote: quoteAsset };
  const all = await lockExternal(tx, parties);
  const sides = [
    { userId: buyerUserId, asset: quoteAsset, amount: quote, orderId: trade.buyerOrderId },
    { userId: sellerUserId, asset: baseAsset, amount: base, orderId: trade.sellerOrderId },
  ];
  const draws: ReservationDraw[] = [];
  for (const { userId, asset, amount, orderId } of sides) {
    const scale = await assets.scaleOf(asset);
    const only = orderId === undefined ? undefined : await reservationOf(tx, orderId);
    const mayDraw = (each: Reservation): boolean =>
      each.userId === userId && each.asset === asset && (orderId === undefined || each.reservationId === only);
    const drawable = all
      .filter(mayDraw)
      .map(({ reservationId, remaining }) => ({ reservationId, remaining: parseDecimal(remaining, scale) }));
    const drawn = drawInOrder(drawable, amount);
    if (drawn === undefined) {
      throw new DomainError('TRANSFER_REFUSED', 'Too little is reserved for this trade.', { user_id: userId, asset });
    }
    draws.push(...drawn.map((draw) => ({ ...draw, userId, asset, amount: formatDecimal(draw.amount, scale) })));
  }
  return draws;
}

async function answer(tx: Db, tradeId: string, trade: ExternalTrade): Promise<SettledTrade> {
  const { buyerUserId, sellerUserId, baseAsset, quoteAsset } = trade;
  return {
    buyerEntryId: legId(tradeId, legs.tradeBuy),
    sellerEntryId: legId(tradeId, legs.tradeSell),
    buyerBalances: [await balanceOf(tx, buyerUserId, baseAsset), await balanceOf(tx, buyerUserId, quoteAsset)],
    sellerBalances: [await balanceOf(tx, sellerUserId, baseAsset), await balanceOf(tx, sellerUserId, quoteAsset)],
  };
}

/** Price × quantity in atoms of the quote asset. Throws INVALID_REQUEST unless it is exact and above zero. */
function notional(base: Atoms, baseScale: number, price: string, quoteScale: number): Atoms {
  const priceScale = 18;
  const product = base * parseDecimal(price, priceScale);
  const unit = 10n ** BigInt(baseScale + priceScale - quoteScale);
  if (product > 0n && product % unit === 0n) return product / unit;
  throw new DomainError('INVALID_REQUEST', 'Price × quantity must be above zero and fit the quote asset.');
}
