import { z } from 'zod';
import { counterAccounts, transferKinds } from '../domain/ledger/ledger.ts';
import { AssetCode, Cursor, Decimal, Limit, line, page, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';

export const Balance = z.object({ asset: AssetCode, available: Decimal, reserved: Decimal }).meta({ id: 'Balance' });

const Entry = z
  .object({
    created_at: Timestamp.meta({ description: 'When it was posted' }),
    entry_id: Uuid.meta({ description: 'The transfer: between my two accounts it is one entry of each' }),
    journal_id: Uuid.meta({ description: 'The trade, reservation, deposit, withdrawal or adjustment it belongs to' }),
    kind: z.enum(transferKinds),
    reason: z.string(),
    asset: AssetCode,
    account: z.enum(['available', 'reserved']),
    counter_account: z.enum(counterAccounts).meta({
      description: "The other side: my other account, another user's (user), or one of the house's",
    }),
    amount: z.string().meta({ description: 'Negative when it left the account', examples: ['-1.25'] }),
    balance_after: Decimal.meta({ description: 'Of the account, right after it' }),
  })
  .meta({ id: 'WalletEntry' });

export const Deposit = z
  .object({
    deposit_id: Uuid,
    asset: AssetCode,
    amount: Decimal,
    rail: z.string(),
    reference: z.string(),
    status: z.enum(['CONFIRMED', 'CREDITED']),
    created_at: Timestamp,
    credited_at: Timestamp.nullable(),
  })
  .meta({ id: 'Deposit' });

export const walletOperations = {
  wallets: operation({
    method: 'GET',
    path: '/wallets',
    tag: 'wallets',
    summary: 'What I have of each asset, spendable and set aside',
    access: 'user',
    status: 200,
    reply: page(Balance),
  }),
  walletEntries: operation({
    method: 'GET',
    path: '/wallets/{asset}/entries',
    tag: 'wallets',
    summary: 'My statement: what moved in one asset, newest first, with the balance after each, as JSON or CSV',
    access: 'user',
    params: z.object({ asset: AssetCode }),
    query: z.strictObject({
      start: Timestamp.optional().meta({ description: 'Only what was posted then or later' }),
      end: Timestamp.optional().meta({ description: 'Only what was posted before' }),
      limit: Limit,
      cursor: Cursor,
    }),
    status: 200,
    reply: page(Entry),
    csv: Object.keys(Entry.shape),
  }),
  deposits: operation({
    method: 'GET',
    path: '/deposits',
    tag: 'wallets',
    summary: 'My deposits, newest first',
    access: 'user',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    status: 200,
    reply: page(Deposit),
  }),
};

const Reason = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,49}$/, 'Write the reason like BUY_ORDER.')
  .meta({ examples: ['BUY_ORDER', 'ORDER_CANCELLED'] });

const FundsRequest = z.strictObject({
  user_id: Uuid,
  asset: AssetCode,
  amount: Decimal,
  order_id: Uuid,
  reason: Reason,
});

const FundsAnswer = z
  .object({
    success: z.literal(true),
    reservation_id: Uuid,
    available_balance: Decimal,
    reserved_balance: Decimal,
  })
  .meta({ id: 'FundsAnswer' });

export const internalWalletOperations = {
  reserveFunds: operation({
    method: 'POST',
    path: '/wallets/reserve',
    tag: 'wallets',
    summary: 'Set funds aside, once per order_id',
    access: 'service',
    idempotency: 'own',
    body: FundsRequest,
    status: 200,
    reply: FundsAnswer,
    refusals: ['INSUFFICIENT_FUNDS', 'IDEMPOTENCY_CONFLICT'],
  }),
  releaseFunds: operation({
    method: 'POST',
    path: '/wallets/release',
    tag: 'wallets',
    summary: 'Give reserved funds back: all that is left, or a part with an Idempotency-Key',
    access: 'service',
    idempotency: 'own',
    body: FundsRequest,
    status: 200,
    reply: FundsAnswer,
    refusals: [
      'RESERVATION_NOT_FOUND',
      'RELEASE_EXCEEDS_RESERVATION',
      'IDEMPOTENCY_CONFLICT',
      'IDEMPOTENCY_KEY_REQUIRED',
    ],
  }),
  settleTrade: operation({
    method: 'POST',
    path: '/wallets/settle-trade',
    tag: 'wallets',
    summary: 'Post both legs and the fees of a trade, once per trade_id',
    access: 'service',
    idempotency: 'own',
    body: z.strictObject({
      trade_id: Uuid,
      buyer_user_id: Uuid,
      seller_user_id: Uuid,
      buyer_order_id: Uuid.optional(),
      seller_order_id: Uuid.optional(),
      base_asset: AssetCode,
      quote_asset: AssetCode,
      quantity: Decimal,
      price: Decimal,
      buyer_fee: Decimal,
      seller_fee: Decimal,
      buyer_fee_asset: AssetCode,
      seller_fee_asset: AssetCode,
    }),
    status: 200,
    reply: z
      .object({
        success: z.literal(true),
        buyer_ledger_entry_id: Uuid,
        seller_ledger_entry_id: Uuid,
        buyer_balances: z.array(Balance),
        seller_balances: z.array(Balance),
      })
      .meta({ id: 'SettledTrade' }),
    refusals: ['TRADE_MISMATCH', 'TRANSFER_REFUSED', 'IDEMPOTENCY_CONFLICT'],
  }),
  userWallets: operation({
    method: 'GET',
    path: '/wallets/{user_id}',
    tag: 'wallets',
    summary: 'What a user has of each asset',
    access: 'service',
    params: z.object({ user_id: Uuid }),
    status: 200,
    reply: page(Balance),
  }),
};

/** Mounted where APP_ENV is dev, and nowhere else. */
export const devWalletOperations = {
  reportDeposit: operation({
    method: 'POST',
    path: '/dev/deposits',
    tag: 'development',
    summary: 'Report a final transfer to a user, as a chain or bank would; its workflow credits it',
    access: 'none',
    idempotency: 'own',
    body: z.strictObject({
      user_id: Uuid,
      asset: AssetCode,
      amount: Decimal,
      reference: line(1, 200),
    }),
    status: 202,
    reply: Deposit,
    refusals: ['NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
  }),
};
