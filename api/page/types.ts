import type { z } from 'zod';
import type { Candle as CandleSchema, PublicTrade, Ticker as TickerSchema } from '../../contract/market-data.ts';
import type { Market as MarketSchema } from '../../contract/markets.ts';
import type { Order as OrderSchema, OrderRequest as OrderRequestSchema } from '../../contract/orders.ts';
import type { Balance as BalanceSchema } from '../../contract/wallets.ts';
import type { OrdersEvent, serverMessages } from '../../contract/websocket.ts';

// What the API says, by its own schemas. They are types here: nothing of the contract is sent to the browser.
export type Candle = z.output<typeof CandleSchema>;
export type Trade = z.output<typeof PublicTrade>;
export type Ticker = z.output<typeof TickerSchema>;
export type Market = z.output<typeof MarketSchema>;
export type Order = z.output<typeof OrderSchema>;
export type OrderRequest = z.output<typeof OrderRequestSchema>;
export type Balance = z.output<typeof BalanceSchema>;

type Sent = typeof serverMessages;

/** What each kind of channel sends. */
export interface ChannelEvents {
  readonly depth: z.output<Sent['depth']>;
  readonly trades: z.output<Sent['trades']>;
  readonly ticker: z.output<Sent['ticker']>;
  readonly candles: z.output<Sent['candles']>;
  readonly orders: OrdersEvent;
  readonly balances: z.output<Sent['balances']>;
}
