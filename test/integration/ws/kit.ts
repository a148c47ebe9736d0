import { createServer, type Server } from 'node:http';
import { WebSocket } from 'ws';
import { createOwnChannels } from '../../../api/own-channels.ts';
import { listen } from '../../../api/listen.ts';
import { createChannels } from '../../../api/ws/channels.ts';
import type { ConnectionLimits } from '../../../api/ws/connection.ts';
import { attachWebSocket, type WebSocketDoor } from '../../../api/ws/server.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Caller } from '../../../domain/identity/user.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { startOwnFeeds } from '../../../services/market-data/own-feeds.ts';
import { createMarket, type Market } from '../market-data/kit.ts';

type Message = Record<string, unknown> & { readonly data?: unknown };

/** A WebSocket door over a market; tokens are user ids, and those in `ended` are no good any more. */
async function openDoor(limits: Partial<ConnectionLimits> = {}) {
  const market = await createMarket();
  const feeds = startOwnFeeds({ redis: market.redis, log: silentLogger, now: Date.now });
  const ended = new Set<string>();
  const shown = async (userId: string) => [{ owner: userId }];
  const authenticate = async (userId: string): Promise<Caller> => {
    if (ended.has(userId)) throw new DomainError('UNAUTHENTICATED', 'Ended.');
    return { userId, sessionId: userId, role: 'user', kycStatus: 'verified', lastFactorAt: undefined };
  };
  const own = createOwnChannels({ feeds, openOrders: shown, balances: shown });
  const http: Server = createServer();
  const door: WebSocketDoor = attachWebSocket(http, {
    authenticate,
    openChannel: createChannels({ marketData: await market.open(), own }),
    log: silentLogger,
    metrics: createMetrics(),
    trustedProxies: new Set(),
    limits,
    recheckMs: 50,
  });
  const url = `ws://127.0.0.1:${await listen(http, 0, '127.0.0.1')}/ws`;
  const clients: WebSocket[] = [];
  const close = async (): Promise<void> => {
    for (const client of clients) client.terminate();
    await door.close(100);
    http.close();
    await feeds.stop();
    await market.close();
  };
  const connect = async (query = '') => {
    const socket = new WebSocket(url + query);
    clients.push(socket);
    const messages: Message[] = [];
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const say = (message: object | string): void =>
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    const on = (channel: string): Message[] => messages.filter((message) => message['channel'] === channel);
    return { socket, messages, closed, say, on };
  };
  return { market, door, ended, connect, close };
}

export type Opened = Awaited<ReturnType<typeof openDoor>>;

/** Runs with a door, and closes it. */
export async function withDoor(
  run: (opened: Opened) => Promise<void>,
  limits?: Partial<ConnectionLimits>,
): Promise<void> {
  const opened = await openDoor(limits);
  try {
    await run(opened);
  } finally {
    await opened.close();
  }
}

/** Tells of orders of these users, in one go. */
export const tellOrders = (market: Market, told: readonly (readonly [userId: string, status: string])[]) =>
  createStreamProducer({ redis: market.redis, maxLength: 100_000 }).publishAll(
    'order.events',
    told.map(([userId, status]) => ({
      id: market.newId(),
      type: `order.${status}`,
      version: 1,
      timestamp: new Date().toISOString(),
      trace_id: '0',
      user_id: userId,
      payload: { status },
      metadata: { source: 'test' },
    })),
  );

export const tellOrder = (market: Market, userId: string, status: string) => tellOrders(market, [[userId, status]]);
