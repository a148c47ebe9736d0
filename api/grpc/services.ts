import { cancelTimerOperations } from '../../contract/cancel-timers.ts';
import { marketOperations } from '../../contract/markets.ts';
import { orderBatchOperations } from '../../contract/order-batches.ts';
import { orderListOperations } from '../../contract/order-lists.ts';
import { orderOperations } from '../../contract/orders.ts';
import { OrdersEvent, ResumeRequest } from '../../contract/websocket.ts';
import { DepthEvent, marketDataOperations, StreamRequest, TradesEvent } from '../../contract/market-data.ts';
import { liabilityOperations } from '../../contract/liabilities.ts';
import { userOperations } from '../../contract/users.ts';
import { internalWalletOperations, walletOperations } from '../../contract/wallets.ts';
import type { MarketDataService } from '../../services/market-data/market-data.ts';
import type { Handlers, Readers } from '../answer.ts';
import type { OwnChannels } from '../own-channels.ts';
import { type Outlet, stream, unary, unaryForServices } from './method.ts';
import { slashed } from '../../domain/trading/symbol.ts';

export interface ServiceHandlers {
  readonly users: Readers<typeof userOperations>;
  readonly wallets: Handlers<
    typeof internalWalletOperations & Pick<typeof walletOperations, 'walletEntries'> & typeof liabilityOperations
  >;
  readonly orders: Handlers<
    typeof orderOperations & typeof orderBatchOperations & typeof orderListOperations & typeof cancelTimerOperations
  >;
  readonly markets: Handlers<typeof marketOperations>;
  readonly books: Readers<typeof marketDataOperations>;
  readonly marketData: Pick<MarketDataService, 'followDepth' | 'followTrades'>;
  readonly own: Pick<OwnChannels, 'orders'>;
}

/** What gRPC offers, by the names of the proto package: REST's operations with REST's handlers, and streams. */
export const createServices = (handlers: ServiceHandlers) => ({
  UserService: createUserService(handlers),
  WalletService: createWalletService(handlers),
  OrderService: createOrderService(handlers),
  MarketDataService: createMarketDataService(handlers),
});

/** Accounts, for the exchange's other services. */
export const createUserService = ({ users }: Pick<ServiceHandlers, 'users'>) => ({
  GetUser: unaryForServices('getUser', userOperations.getUser, users.getUser),
  GetUserByEmail: unaryForServices('getUserByEmail', userOperations.getUserByEmail, users.getUserByEmail),
  ListUsers: unaryForServices('listUsers', userOperations.listUsers, users.listUsers),
});

/** Funds, for the exchange's other services; a user's own statement and proof, and the published roots. */
export const createWalletService = ({ wallets }: Pick<ServiceHandlers, 'wallets'>) => ({
  Reserve: unary('reserveFunds', internalWalletOperations.reserveFunds, wallets.reserveFunds),
  Release: unary('releaseFunds', internalWalletOperations.releaseFunds, wallets.releaseFunds),
  SettleTrade: unary('settleTrade', internalWalletOperations.settleTrade, wallets.settleTrade),
  GetBalances: unary('userWallets', internalWalletOperations.userWallets, wallets.userWallets),
  ListEntries: unary('walletEntries', walletOperations.walletEntries, wallets.walletEntries),
  GetLiabilityProof: unary('liabilityProof', liabilityOperations.liabilityProof, wallets.liabilityProof),
  ListLiabilityRoots: unary('liabilityRoots', liabilityOperations.liabilityRoots, wallets.liabilityRoots),
});

const streamed = { access: 'user', message: OrdersEvent } as const;

/** A user's own orders. */
export const createOrderService = ({ orders, own }: Pick<ServiceHandlers, 'orders' | 'own'>) => ({
  PlaceOrder: unary('placeOrder', orderOperations.placeOrder, orders.placeOrder),
  PlaceOrders: unary('placeOrders', orderBatchOperations.placeOrders, orders.placeOrders),
  TestOrder: unary('testOrder', orderOperations.testOrder, orders.testOrder),
  GetOrder: unary('order', orderOperations.order, orders.order),
  GetOrderByClientId: unary('orderByClientId', orderOperations.orderByClientId, orders.orderByClientId),
  ListOrders: unary('orders', orderOperations.orders, orders.orders),
  AmendOrder: unary('amendOrder', orderOperations.amendOrder, orders.amendOrder),
  CancelOrder: unary('cancelOrder', orderOperations.cancelOrder, orders.cancelOrder),
  CancelOrders: unary('cancelOrders', orderBatchOperations.cancelOrders, orders.cancelOrders),
  CancelAllOrders: unary('cancelAllOrders', orderOperations.cancelAllOrders, orders.cancelAllOrders),
  PlaceOrderList: unary('placeOrderList', orderListOperations.placeOrderList, orders.placeOrderList),
  GetOrderList: unary('orderList', orderListOperations.orderList, orders.orderList),
  CancelOrderList: unary('cancelOrderList', orderListOperations.cancelOrderList, orders.cancelOrderList),
  CancelAllAfter: unary('cancelAllAfter', cancelTimerOperations.cancelAllAfter, orders.cancelAllAfter),
  ListCancelTimers: unary('cancelTimers', cancelTimerOperations.cancelTimers, orders.cancelTimers),
  ListPreventedMatches: unary('preventedMatches', orderOperations.preventedMatches, orders.preventedMatches),
  ListFills: unary('fills', orderOperations.fills, orders.fills),
  StreamOrders: stream({ ...streamed, params: ResumeRequest }, async ({ params }, { userId }, out) => {
    until(out, own.orders(userId, out, params.resume));
  }),
});

/** The markets, for everybody. */
export const createMarketDataService = ({
  markets,
  books,
  marketData,
}: Pick<ServiceHandlers, 'markets' | 'books' | 'marketData'>) => ({
  ListMarkets: unary('markets', marketOperations.markets, markets.markets),
  GetMarket: unary('market', marketOperations.market, markets.market),
  GetDepth: unary('getDepth', marketDataOperations.getDepth, books.getDepth),
  ListTrades: unary('listMarketTrades', marketDataOperations.listMarketTrades, books.listMarketTrades),
  GetTicker: unary('getTicker', marketDataOperations.getTicker, books.getTicker),
  ListTickers: unary('listTickers', marketDataOperations.listTickers, books.listTickers),
  ListCandles: unary('listCandles', marketDataOperations.listCandles, books.listCandles),
  StreamDepth: stream({ access: 'none', params: StreamRequest, message: DepthEvent }, async ({ params }, _, out) => {
    until(out, marketData.followDepth(slashed(params.symbol), out.send));
  }),
  StreamTrades: stream({ access: 'none', params: StreamRequest, message: TradesEvent }, async ({ params }, _, out) => {
    until(out, marketData.followTrades(slashed(params.symbol), out.send));
  }),
});

/** Ends a subscription with its stream. */
function until({ signal }: Outlet, leave: () => void): void {
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave);
}
