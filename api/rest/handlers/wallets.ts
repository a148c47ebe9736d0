import type { devWalletOperations, internalWalletOperations, walletOperations } from '../../../contract/wallets.ts';
import type { LedgerService } from '../../../services/ledger/ledger.ts';
import type { DepositService } from '../../../services/payments/deposits.ts';
import {
  presentBalances,
  presentDeposit,
  presentDeposits,
  presentEntries,
  presentReserved,
  presentSettled,
} from '../../present/wallet.ts';
import type { Handlers } from '../door.ts';

/** A user's own balances, statement and deposits. */
export const createWalletHandlers = (
  { wallets }: LedgerService,
  deposits: DepositService,
): Handlers<typeof walletOperations> => ({
  wallets: async (_input, { caller }) => presentBalances(await wallets.balances(caller.userId)),
  async walletEntries({ params, query: { start, end, limit, cursor } }, { caller }) {
    const request = { asset: params.asset, before: cursor, start: toDate(start), end: toDate(end), limit };
    return presentEntries(await wallets.entries(caller.userId, request));
  },
  async deposits({ query: { limit, cursor } }, { caller }) {
    return presentDeposits(await deposits.list(caller.userId, cursor, limit), limit);
  },
});

/** The wallet API of other services. */
export const createInternalWalletHandlers = ({
  external,
  settleTrade,
  wallets,
}: LedgerService): Handlers<typeof internalWalletOperations> => ({
  reserveFunds: async ({ body }) => presentReserved(await external.reserve(toRequest(body))),
  releaseFunds: async ({ body }, { idempotencyKey }) =>
    presentReserved(await external.release(toRequest(body), idempotencyKey)),
  async settleTrade({ body }) {
    const settled = await settleTrade({
      tradeId: body.trade_id,
      buyerUserId: body.buyer_user_id,
      sellerUserId: body.seller_user_id,
      buyerOrderId: body.buyer_order_id,
      sellerOrderId: body.seller_order_id,
      baseAsset: body.base_asset,
      quoteAsset: body.quote_asset,
      quantity: body.quantity,
      price: body.price,
      buyerFee: body.buyer_fee,
      sellerFee: body.seller_fee,
      buyerFeeAsset: body.buyer_fee_asset,
      sellerFeeAsset: body.seller_fee_asset,
    });
    return presentSettled(settled);
  },
  userWallets: async ({ params }) => presentBalances(await wallets.balances(params.user_id)),
});

/** The development rail: a deposit is whatever it says. */
export const createDevWalletHandlers = (deposits: DepositService): Handlers<typeof devWalletOperations> => ({
  async reportDeposit({ body: { user_id: userId, ...deposit } }) {
    return presentDeposit(await deposits.report({ ...deposit, userId, rail: 'dev' }));
  },
});

const toDate = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

interface FundsBody {
  readonly user_id: string;
  readonly asset: string;
  readonly amount: string;
  readonly order_id: string;
  readonly reason: string;
}

const toRequest = ({ user_id: userId, order_id: orderId, ...rest }: FundsBody) => ({ ...rest, userId, orderId });
