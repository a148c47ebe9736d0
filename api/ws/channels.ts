import type { Caller } from '../../domain/identity/user.ts';
import { DomainError } from '../../domain/errors.ts';
import { candleIntervals } from '../../domain/trading/candle.ts';
import type { MarketDataService } from '../../services/market-data/market-data.ts';
import type { OwnChannels, Receiver } from '../own-channels.ts';
import { slashed } from '../../domain/trading/symbol.ts';

export interface ChannelReceiver {
  /** Text that is ready to be sent. */
  send(text: string): void;
  fail(error: unknown): void;
}

/** Opens a channel by its name; the function it answers closes it. Throws what a refusal to subscribe says. */
export type OpenChannel = (
  name: string,
  caller: Caller | undefined,
  receiver: ChannelReceiver,
  /** Where `orders` goes on. */
  resume?: string,
) => () => void;

interface Deps {
  readonly marketData: Pick<MarketDataService, 'followDepth' | 'followTrades' | 'followTicker' | 'followCandles'>;
  readonly own: OwnChannels;
}

/** Every channel of the WebSocket. A public event is written once, however many read it. */
export function createChannels({ marketData, own }: Deps): OpenChannel {
  const written = new WeakMap<object, string>();

  function write(channel: string, event: object): string {
    const known = written.get(event);
    if (known !== undefined) return known;
    const text = JSON.stringify({ channel, ...event });
    written.set(event, text);
    return text;
  }

  return (name, caller, { send, fail }, resume) => {
    const [kind = '', market = '', wanted] = name.split(':');
    const symbol = slashed(market);
    const tell = (event: object): void => send(write(name, event));
    if (kind === 'depth') return marketData.followDepth(symbol, tell);
    if (kind === 'trades') return marketData.followTrades(symbol, tell);
    if (kind === 'ticker') return marketData.followTicker(symbol, tell);
    const interval = candleIntervals.find((each) => each === wanted);
    if (interval !== undefined) return marketData.followCandles(symbol, interval, tell);
    if (caller === undefined) throw new DomainError('UNAUTHENTICATED', 'Send {op: "auth", token} first.');
    const receiver: Receiver = { send: tell, fail };
    if (kind === 'orders') return own.orders(caller.userId, receiver, resume);
    return (kind === 'balances' ? own.balances : own.notifications)(caller.userId, receiver);
  };
}
