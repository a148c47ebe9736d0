import type { adminMarketOperations } from '../../../contract/admin-markets.ts';
import type { Input } from '../../../contract/operation.ts';
import type { MarketTerms } from '../../../domain/trading/market.ts';
import type { Administrator, MarketDesk, TermsChange } from '../../../services/trading/market-desk.ts';
import type { Call } from '../../answer.ts';
import { presentAdminMarket } from '../../present/market.ts';
import type { Handlers } from '../door.ts';
import { slashed } from '../../../domain/trading/symbol.ts';

/** Assets and markets, for administrators. */
export const createAdminMarketHandlers = (desk: MarketDesk): Handlers<typeof adminMarketOperations> => ({
  async addAsset({ body }, call) {
    await desk.addAsset(body, administrator(call));
    return body;
  },
  adminMarkets: async () => ({ items: (await desk.list()).map(presentAdminMarket), next_cursor: null }),
  async openMarket({ body }, call) {
    const { symbol, base, quote } = body;
    const terms = { ...toRules(body), symbol, base, quote } as MarketTerms;
    return presentAdminMarket(await desk.open(terms, administrator(call)));
  },
  async changeMarket({ params, body }, call) {
    const symbol = slashed(params.symbol);
    const { market, isInForce } = await desk.change(symbol, body.version, toRules(body), administrator(call));
    if (!isInForce) call.accepted('/api/v1/admin/markets');
    return presentAdminMarket(market);
  },
});

const administrator = ({
  caller,
  origin,
}: Pick<Call<typeof adminMarketOperations.openMarket>, 'caller' | 'origin'>): Administrator => ({
  userId: caller.userId,
  origin,
});

/** The rules that are named, as the services call them. */
function toRules(body: Partial<Input<typeof adminMarketOperations.changeMarket>['body']>): TermsChange {
  const rules = {
    tickSize: body.tick_size,
    lotSize: body.lot_size,
    minPrice: body.min_price,
    maxPrice: body.max_price,
    minQuantity: body.min_quantity,
    maxQuantity: body.max_quantity,
    minNotional: body.min_notional,
    collarPercent: body.collar_percent,
    priceBandPercent: body.price_band_percent,
    makerFeeBps: body.maker_fee_bps,
    takerFeeBps: body.taker_fee_bps,
    initialPrice: body.initial_price,
    status: body.status,
  };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}
