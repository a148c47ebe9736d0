import type { ClientMessage, closeCodes } from '../../contract/websocket.ts';
import { createSequence } from './sequence.ts';
import type { ChannelEvents } from './types.ts';

type ChannelOf<Kind extends keyof ChannelEvents> = Kind | `${Kind}:${string}`;

export type LiveState = 'connecting' | 'live' | 'waiting';

interface Listeners {
  readonly onState: (state: LiveState) => void;
  /** The server says that the token is no good any more. */
  readonly onSignedOut: () => void;
  readonly onRefused: (detail: string) => void;
}

/** The WebSocket of the page. It connects again whenever it breaks, and then follows what was followed. */
export interface Live {
  /** Follows a channel, such as `orders` or `depth:BTC-USDT`; the function it answers ends that. */
  follow<Kind extends keyof ChannelEvents>(
    channel: ChannelOf<Kind>,
    listener: (event: ChannelEvents[Kind]) => void,
  ): () => void;
  /** Asks for a channel's snapshot anew. */
  renew(channel: string): void;
  /** Signs in or renews the token; without one, signs out. */
  authenticate(token: string | undefined): void;
}

interface Message {
  readonly channel?: string;
  readonly ok?: boolean;
  readonly error?: { readonly detail?: string };
}

const sessionEnded: typeof closeCodes.login = 4401;
const pingMs = 10_000;
const silenceMs = 25_000;
const longestWaitMs = 10_000;

/** Connects to the WebSocket at `url`. */
export function connectLive(url: string, { onState, onSignedOut, onRefused }: Listeners): Live {
  const followed = new Map<string, (event: never) => void>();
  let socket = open();
  let token: string | undefined;
  let failures = 0;
  let heardAt = performance.now();

  function say(message: ClientMessage): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function open(): WebSocket {
    onState('connecting');
    const opened = new WebSocket(url);
    opened.addEventListener('open', () => {
      failures = 0;
      heardAt = performance.now();
      if (token !== undefined) say({ op: 'auth', token });
      for (const channel of followed.keys()) say({ op: 'subscribe', channels: [channel] });
      onState('live');
    });
    opened.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as Message));
    opened.addEventListener('close', ({ code }) => {
      onState('waiting');
      if (code === sessionEnded) {
        token = undefined;
        onSignedOut();
      }
      const wait = Math.min(250 * 2 ** failures, longestWaitMs) * (1 + Math.random() / 2);
      failures += 1;
      setTimeout(() => (socket = open()), wait);
    });
    return opened;
  }

  function take(message: Message): void {
    heardAt = performance.now();
    if (message.channel !== undefined) followed.get(message.channel)?.(message as never);
    else if (message.ok === false) onRefused(message.error?.detail ?? 'The server refused a message.');
  }

  setInterval(() => {
    // A broken line may never say so.
    if (performance.now() - heardAt > silenceMs) socket.close();
    else say({ op: 'ping' });
  }, pingMs);

  return {
    follow(channel, listener) {
      followed.set(channel, listener);
      say({ op: 'subscribe', channels: [channel] });
      return () => {
        followed.delete(channel);
        say({ op: 'unsubscribe', channels: [channel] });
      };
    },
    renew(channel) {
      say({ op: 'unsubscribe', channels: [channel] });
      say({ op: 'subscribe', channels: [channel] });
    },
    authenticate(next) {
      const leaving = token !== undefined && next === undefined;
      token = next;
      if (next !== undefined) say({ op: 'auth', token: next });
      // A connection is one user's to its end.
      else if (leaving) socket.close();
    },
  };
}

/**
 * Follows a channel whose updates follow one another without a gap. Where one is missing, or `take` answers false, the
 * channel begins anew with a snapshot. The function it answers ends that.
 */
export function followInSequence<Kind extends 'depth' | 'trades' | 'candles'>(
  live: Live,
  channel: ChannelOf<Kind>,
  take: (event: ChannelEvents[Kind]) => boolean,
): () => void {
  let place = createSequence();
  return live.follow<Kind>(channel, (event) => {
    const where = place(event);
    if (where === 'early' || (where === 'next' && take(event))) return;
    place = createSequence();
    live.renew(channel);
  });
}
