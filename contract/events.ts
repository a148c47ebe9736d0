import { z } from 'zod';
import { kycStatuses, roles } from '../domain/identity/user.ts';
import { adjustmentDirections } from '../domain/ledger/adjustment.ts';
import { withdrawalStates } from '../domain/payments/withdrawal.ts';
import { AssetCode, Decimal, MarketSymbol, Timestamp, Uuid } from './common.ts';
import { OrderChange } from './websocket.ts';

const Metadata = z.strictObject({
  source: z.string().meta({ description: 'The service that made the event' }),
  ip_address: z.string().optional(),
  user_agent: z.string().optional(),
});

/** An event of one type about a user. */
const ofUser = <Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) =>
  of(type, payload).extend({ user_id: Uuid });

/** An event of one type, in the envelope that all have. Consumers drop repeats by its id. */
const of = <Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) =>
  z.strictObject({
    id: Uuid,
    type: z.literal(type),
    version: z.literal(1),
    timestamp: Timestamp,
    trace_id: z.string(),
    payload,
    metadata: Metadata,
  });

const Names = { first_name: z.string().nullable(), last_name: z.string().nullable() };

const revocations = ['logout', 'logout_all', 'revoked_by_owner', 'password_changed', 'theft', 'frozen'] as const;

const Adjusted = z.strictObject({
  adjustment_id: Uuid,
  asset: AssetCode,
  amount: Decimal,
  direction: z.enum(adjustmentDirections).meta({ description: 'CREDIT: to the user; DEBIT: from the user' }),
});

const userEvents = [
  ofUser('user.registered', z.strictObject({ email: z.string(), ...Names, role: z.enum(roles) })),
  ofUser('user.email.verified', z.strictObject({ email: z.string() })),
  ofUser(
    'user.logged_in',
    z.strictObject({
      email: z.string(),
      ip_address: z.string().nullable(),
      user_agent: z.string().nullable(),
      new_device: z.boolean().meta({ description: 'Another than those before; false on the first' }),
    }),
  ),
  ofUser('user.profile.updated', z.strictObject({ email: z.string(), ...Names })),
  ofUser('user.password.changed', z.strictObject({ email: z.string() })),
  ofUser(
    'user.kyc.updated',
    z.strictObject({ email: z.string(), kyc_status: z.enum(kycStatuses), old_status: z.enum(kycStatuses) }),
  ),
  ofUser('user.session.revoked', z.strictObject({ session_id: Uuid, reason: z.enum(revocations) })),
  ofUser('deposit.credited', z.strictObject({ deposit_id: Uuid, asset: AssetCode, amount: Decimal })),
  ofUser(
    'withdrawal.updated',
    z.strictObject({
      withdrawal_id: Uuid,
      asset: AssetCode,
      amount: Decimal,
      status: z.enum(withdrawalStates),
      reason: z.string().nullable().meta({ description: 'Why it ended otherwise than settled' }),
    }),
  ),
  ofUser('trade.busted', z.strictObject({ trade_id: Uuid, symbol: MarketSymbol })),
  ofUser('balance.adjusted', Adjusted),
] as const;

const ParkedTrade = z.strictObject({
  trade_id: Uuid,
  symbol: MarketSymbol,
  trade_seq: z.number().int(),
  reason: z.string(),
});

const Break = z.strictObject({
  check: z.string(),
  subject: z.string().meta({ description: 'What it is about: an asset, account, transfer, user, trade and so on' }),
  assets: z.array(AssetCode).meta({ description: 'Whose withdrawals it halts; none: all' }),
  finding: z.string(),
});

const walletEvents = [
  of('wallet.balances.changed', z.strictObject({ user_ids: z.array(Uuid) })),
  of('wallet.trade.parked', ParkedTrade),
  of('wallet.trade.busted', ParkedTrade),
  of('wallet.adjustment.posted', Adjusted.extend({ user_id: Uuid })),
  of('wallet.reconciliation.broken', z.strictObject({ case_id: Uuid, breaks: z.array(Break).max(20) })),
  of('wallet.reconciliation.closed', z.strictObject({ case_id: Uuid })),
] as const;

const orderTypes = ['open', 'partially_filled', 'amended', 'filled', 'cancelled', 'rejected', 'expired'] as const;

const orderEvents = orderTypes.map((name) => ofUser(`order.${name}`, z.strictObject(OrderChange.shape)));

const tradeEvents = [
  of(
    'trade.executed',
    z.strictObject({
      trade_id: Uuid,
      trade_seq: z.number().int().meta({ description: 'Of the market, without gaps' }),
      symbol: MarketSymbol,
      price: Decimal,
      quantity: Decimal,
      quote_amount: Decimal,
      buyer_order_id: Uuid,
      seller_order_id: Uuid,
      buyer_user_id: Uuid,
      seller_user_id: Uuid,
      buyer_fee: Decimal,
      seller_fee: Decimal,
      is_buyer_maker: z.boolean(),
      executed_at: Timestamp,
    }),
  ),
] as const;

type EventSchema = z.ZodObject<{ readonly type: z.ZodLiteral<string> }>;

/** The streams of events and what each carries: one schema a type. */
export const eventStreams: Readonly<
  Record<string, { readonly about: string; readonly events: readonly EventSchema[] }>
> = {
  'user-service:events': {
    about: 'What happens to users and their money. Ordered for each user, at least once; about 10 000 entries.',
    events: userEvents,
  },
  'wallet.events': {
    about: 'Hints that balances changed, and trades that could not be settled. About 10 000 entries.',
    events: walletEvents,
  },
  'order.events': {
    about: 'What became of orders, from each market’s journal. Ordered for each market; a million entries.',
    events: orderEvents,
  },
  'trade.events': {
    about: 'Trades, from each market’s journal: trade_seq says what is missing. A million entries.',
    events: tradeEvents,
  },
};

/** The type that a schema is for. */
export const typeOf = (schema: EventSchema): string => schema.shape.type.value;
